import { coldFunctions } from "../../../shared/operators/start-up.ts";
import { unresolved } from "../../../shared/settings/connections.ts";
import { helpFor } from "../../../shared/settings/definitions.ts";
import type { SettingProblem, Settings } from "../../../shared/settings/settings.ts";
import { type Finding, good } from "../finding.ts";

const check = "settings";

/** Settings that still have the value of the example file. Their values are never repeated. */
export const copiedSettings = (names: readonly string[]): readonly Finding[] =>
  names.map((setting) => ({
    check,
    state: "bad",
    what: `${setting}: found the placeholder of local.settings.json.example.`,
    why:
      setting === "CUTOFF_SECRET"
        ? "Everybody knows it: rows that are sealed with it can be forged."
        : "Nobody can sign in with it.",
    fix: `Expected ${helpFor(setting)?.expected}: docs/deploy.md, On your own machine first`,
  }));

/** Problems that keep the app from starting. */
export const badSettings = (problems: readonly SettingProblem[]): readonly Finding[] =>
  problems.map(({ setting, found, expected, example }) => ({
    check,
    state: "bad",
    what: `${setting}: found ${found}.`,
    why: "With bad settings the app watches nothing: it answers only GET /api/live, with 503.",
    fix: found === unresolved ? resolve(setting) : `Expected ${expected}, e.g. ${setting}=${example}`,
  }));

/**
 * The cure for a reference to Key Vault that was not resolved. In Azure the app's identity may not read the vault; elsewhere nothing resolves references.
 * It is not a new secret, since that would break every seal.
 */
const resolve = (setting: string): string =>
  `export ${setting}="$(az keyvault secret show --vault-name VAULT --name SECRET --query value --output tsv)"   # in Azure: az role assignment list --assignee PRINCIPAL_ID --scope VAULT_ID: Key Vault Secrets User`;

/** Settings that are allowed but rarely intended. */
export function judgeSettings(settings: Settings): readonly Finding[] {
  const { policy, credential, operators, storage } = settings;
  const findings: Finding[] = [good(check, `valid; the mode is ${policy.mode}`)];
  if (policy.mode === "off") {
    findings.push({
      check,
      state: "warning",
      what: "CUTOFF_MODE is off.",
      why: "The app calls nothing and watches nothing.",
      fix: "CUTOFF_MODE=reportOnly",
    });
  }
  if (policy.stopped) {
    findings.push({
      check,
      state: "warning",
      what: "CUTOFF_STOP is true: the emergency stop.",
      why: "Ends are recorded, and nobody is cut until it is lifted or they are stale.",
      fix: "CUTOFF_STOP=false",
    });
  }
  if (policy.mode === "enforce" && policy.included === "all" && policy.excluded.size === 0) {
    findings.push({
      check,
      state: "warning",
      what: "Everybody is enforced, and EXCLUDED_PRINCIPALS is empty.",
      why: "Emergency access accounts must work when everything else fails (Entra docs: Manage emergency access accounts).",
      fix: "EXCLUDED_PRINCIPALS=<object ids of the emergency access accounts>",
    });
  }
  if (operators === null) {
    findings.push({
      check,
      state: "warning",
      what: "OPERATORS_AUDIENCE is not set: nobody is an operator.",
      why: "Nobody sees the status page, lifts what is held or stops by a call; CUTOFF_STOP=true stops all the same.",
      fix: "OPERATORS_AUDIENCE=<client id of the app registration that docs/deploy.md, Operators, makes>",
    });
  }
  if (credential.kind === "clientSecret") {
    findings.push({
      check,
      state: "warning",
      what: "The app signs in with a client secret.",
      why: "A person who can read the settings can sign out every administrator. In Azure use a managed identity.",
      fix: "Remove AZURE_CLIENT_SECRET from the app in Azure",
    });
  }
  const cold = coldFunctions(settings);
  if (cold !== null && cold.length > 0) {
    findings.push({
      check,
      state: "warning",
      what: `ALWAYS_READY: no instance is kept ready for ${cold.join(", ")}.`,
      why: "A delayed message starts no instance before it is due: each such piece of work begins with a cold start of seconds.",
      fix: "azd env set ALWAYS_READY_PRINCIPALS 1   # or ..._HEARTBEAT, ..._AUDIT_STREAM; then azd provision",
    });
  }
  // With a key instead of an identity, this is a developer's machine.
  if (cold === null && storage.kind === "identity") {
    findings.push({
      check,
      state: "warning",
      what: "ALWAYS_READY is not set: the app does not know whether an instance is kept ready.",
      why: "Without one for the function principals, announced ends wait for a cold start.",
      fix: "az functionapp scale config show --name APP --resource-group GROUP   # then ALWAYS_READY=principals,... as it is",
    });
  }
  return findings;
}
