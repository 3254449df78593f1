import { AzureCliCredential } from "@azure/identity";
import { type Clock, systemClock } from "../../shared/base/clock.ts";
import { createCredential } from "../../shared/base/credential.ts";
import { deriveKeys } from "../../shared/base/keys.ts";
import { createGraph } from "../../shared/graph/create-graph.ts";
import { featuresOf, neededPermissions } from "../../shared/graph/permissions.ts";
import { readSettings } from "../../shared/settings/read.ts";
import type { RawSettings, Settings } from "../../shared/settings/settings.ts";
import { connectStorage } from "../../shared/storage/connect.ts";
import { tableNames } from "../../shared/storage/queue.ts";
import { createSealedTable } from "../../shared/storage/sealed-table.ts";
import { sendCanary } from "./canary.ts";
import { checkAuditStream } from "./checks/audit-stream.ts";
import { checkChannels, sendTests } from "./checks/channels.ts";
import { checkClock } from "./checks/clock.ts";
import { checkEndpoint } from "./checks/endpoint.ts";
import { checkGraph } from "./checks/graph.ts";
import { checkRestricted } from "./checks/restricted.ts";
import { checkScope } from "./checks/scope.ts";
import { badSettings, copiedSettings, judgeSettings } from "./checks/settings.ts";
import { checkStorage } from "./checks/storage.ts";
import { checkSubscriptions } from "./checks/subscriptions.ts";
import { checkToken, grantCommand, noToken } from "./checks/token.ts";
import { type Finding, notLookedAt } from "./finding.ts";
import type { Check, Patient } from "./patient.ts";
import { leftPlaceholders } from "./placeholders.ts";
import { prove } from "./prove.ts";

interface Step {
  readonly check: string;
  readonly run: Check;
  /** Whether the checked part of the app needs a token; then the check is made only with one. */
  readonly needsToken: (settings: Settings) => boolean;
}

/** The checks after the token. Without a token, a check that needs one is left out, so that one cause leads to one finding. */
const steps: readonly Step[] = [
  { check: "graph", run: checkGraph, needsToken: () => true },
  { check: "clock", run: checkClock, needsToken: () => true },
  { check: "storage", run: checkStorage, needsToken: () => true },
  { check: "endpoint", run: checkEndpoint, needsToken: ({ subscriptions }) => subscriptions !== null },
  { check: "subscriptions", run: checkSubscriptions, needsToken: ({ subscriptions }) => subscriptions !== null },
  { check: "auditStream", run: checkAuditStream, needsToken: ({ auditStream }) => auditStream !== null },
  {
    check: "scope",
    run: async (patient) => [...(await checkScope(patient)), ...(await checkRestricted(patient))],
    needsToken: () => true,
  },
  { check: "channels", run: checkChannels, needsToken: ({ notify }) => notify !== null },
];

interface Examination {
  readonly clock?: Clock;
  /** Whether each channel gets one test message. */
  readonly sendTest?: boolean;
  /** Object id of a test user whose sessions may end to prove that they can; without it nothing is written. */
  readonly testUser?: string | null;
  /** A watched test group, and a test user who is to join and leave it, to prove the way of a notification; without it nothing is changed. */
  readonly canary?: { readonly groupId: string; readonly userId: string } | null;
}

/** Makes every check that these settings allow, in the order in which the checked parts depend on each other. */
export async function examine(
  raw: RawSettings,
  { clock = systemClock, testUser = null, canary = null, sendTest = false }: Examination = {},
): Promise<readonly Finding[]> {
  const reading = readSettings(raw);
  const copied = leftPlaceholders(raw);
  if (!reading.ok || copied.length > 0) {
    const problems = reading.ok ? [] : reading.problems.filter(({ setting }) => !copied.includes(setting));
    return [...copiedSettings(copied), ...badSettings(problems), ...nothingElse];
  }
  const patient = admit(raw, reading.settings, clock);
  const token = await checkToken(patient);
  const isWithout = token.some(({ check, state }) => check === "token" && state === "bad");
  const findings = [...judgeSettings(reading.settings), ...token];
  for (const { check, run, needsToken } of steps) {
    const isLeftOut = isWithout && needsToken(reading.settings);
    findings.push(...(isLeftOut ? [notLookedAt(check, noToken)] : await run(patient)));
  }
  if (sendTest) findings.push(...(await sendTests(patient)));
  if (isWithout) {
    if (testUser !== null) findings.push(notLookedAt("prove", noToken));
    if (canary !== null) findings.push(notLookedAt("canary", noToken));
    return findings;
  }
  if (testUser !== null) {
    const grant = grantCommand({ ...patient.features, revoking: true });
    findings.push(...(await prove({ graph: patient.graph, clock, userId: testUser, grant })));
  }
  if (canary !== null) {
    // On this machine no administrator of the simulated tenant could sign in, so the app's identity may change the group there.
    const isSimulated = raw.GRAPH_ENDPOINT !== undefined;
    const credential = isSimulated ? patient.credential : new AzureCliCredential();
    findings.push(...(await sendCanary({ ...patient, ...canary, credential })));
  }
  return findings;
}

/** With bad settings the app does not run, and its parts cannot be examined. */
const nothingElse = ["token", "permissions", ...steps.map(({ check }) => check)].map((check) =>
  notLookedAt(check, "the settings are bad"),
);

function admit(raw: RawSettings, settings: Patient["settings"], clock: Patient["clock"]): Patient {
  const credential = createCredential(settings.credential);
  const { baseUrl, scope } = settings.graph;
  const storage = connectStorage(settings.storage, (clientId) =>
    createCredential({ kind: "managedIdentity", clientId }),
  );
  const subscriptionsOff = raw.GRAPH_SUBSCRIPTIONS === "off";
  const features = { ...featuresOf(settings), subscriptions: !subscriptionsOff };
  const needed = neededPermissions(features);
  return {
    settings,
    subscriptionsOff,
    features,
    credential,
    graph: createGraph({ baseUrl, scope, credential, fetch: globalThis.fetch, clock, random: Math.random, needed }),
    state: createSealedTable(storage.table(tableNames.state), {
      name: "state",
      keys: deriveKeys(settings.secrets, "seal"),
      clock,
      // The running app raises this alarm itself.
      onForged: () => undefined,
    }),
    clock,
  };
}
