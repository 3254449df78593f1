import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { helpFor, settingFields } from "../../../shared/settings/definitions.ts";

const read = (path: string) => readFile(fileURLToPath(new URL(`../../../infra/${path}`, import.meta.url)), "utf8");

/** The names at the start of the lines of a Bicep object or type, from the line that begins with `start` to the next blank line. */
function namesIn(text: string, start: string): readonly string[] {
  const from = text.indexOf(start);
  expect(from, `"${start}" is in the file`).toBeGreaterThanOrEqual(0);
  return [...`${text}\n`.slice(from, text.indexOf("\n\n", from)).matchAll(/^\s+([A-Z]\w+):/gm)].map(
    ([, name = ""]) => name,
  );
}

const functionApp = await read("app/function-app.bicep");
const chosen = namesIn(await read("app/settings.bicep"), "type CutoffSettings");
const set = [
  ...chosen,
  ...namesIn(functionApp, "var platform ="),
  ...namesIn(functionApp, "var rotation ="),
  ...namesIn(functionApp, "var webhook ="),
  ...namesIn(functionApp, "var channels ="),
  ...namesIn(functionApp, "var stream ="),
  ...namesIn(functionApp, "var mail ="),
];

const setBy = (who: string): readonly string[] =>
  Object.keys(settingFields).filter((name) => helpFor(name)?.setBy === who);

/** Read by the Functions host, or by the package that talks to Application Insights. */
const ofOthers = [
  "AzureWebJobsStorage__blobServiceUri",
  "AzureWebJobsSecretStorageType",
  "AzureWebJobsSecretStorageKeyVaultUri",
  "AzureWebJobsSecretStorageKeyVaultClientId",
  "APPLICATION_INSIGHTS_NO_STATSBEAT",
  "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
];

/** Not for Azure: a machine of one's own, or a second way to set what another setting sets already. */
const neverInAzure = ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_SECRET", "AzureWebJobsStorage", "GRAPH_ENDPOINT"];

test("the app knows every setting that infra sets", () => {
  const known = [...Object.keys(settingFields), ...ofOthers];
  expect(set.filter((name) => !known.includes(name))).toEqual([]);
});

test("infra can set every setting that the app knows, but those of a development machine", () => {
  const missing = Object.keys(settingFields).filter((name) => ![...set, ...setBy("platform")].includes(name));
  expect(missing.sort()).toEqual(neverInAzure);
});

test("each setting comes from where its definition says", () => {
  expect(chosen).toEqual(setBy("operator"));
  expect(set.filter((name) => !chosen.includes(name) && !ofOthers.includes(name)).sort()).toEqual(
    [...setBy("deployment")].sort(),
  );
  expect(setBy("platform")).toEqual(["WEBSITE_AUTH_ENABLED", "WEBSITE_HOSTNAME"]);
  expect([...setBy("developer")].sort()).toEqual(neverInAzure);
});

test("a secret comes from Key Vault", () => {
  const secrets = setBy("deployment").filter((name) => helpFor(name)?.isSecret);
  const ofChannels = Array.from({ length: 8 }, (_, n) => [`NOTIFY_${n + 1}_URL`, `NOTIFY_${n + 1}_SECRET`]).flat();
  expect(secrets).toEqual(["CUTOFF_SECRET", "CUTOFF_SECRET_PREVIOUS", "NOTIFY_WEBHOOK_SECRET", ...ofChannels]);
  for (const name of secrets) expect(functionApp).toContain(`${name}: '@Microsoft.KeyVault(`);
  const others = [...functionApp.matchAll(/(\w+): '@Microsoft\.KeyVault\(/g)].map(([, name]) => name);
  expect(others.toSorted()).toEqual(secrets.toSorted());
});

const parameters = await read("main.bicepparam");

test("every setting that an operator chooses is read from the environment by its own name", () => {
  const readFrom = [...parameters.matchAll(/^ {2}(\w+): readEnvironmentVariable\('(\w+)', '\w*'\)$/gm)];
  expect(readFrom.map(([, name]) => name)).toEqual(chosen);
  expect(readFrom.filter(([, name, variable]) => name !== variable)).toEqual([]);
});

test("every parameter of the template is read from the environment", async () => {
  const names = [...(await read("main.bicep")).matchAll(/^param (\w+)/gm)].map(([, name]) => name).sort();
  const set = [...parameters.matchAll(/^param (\w+) = /gm)].map(([, name]) => name).sort();
  expect(set).toEqual(names);
  expect(parameters.match(/readEnvironmentVariable\('/g)?.length).toBeGreaterThan(names.length + chosen.length);
});

test("no setting is chosen by the operator and fixed by the platform", () => {
  expect(new Set(set).size).toBe(set.length);
});
