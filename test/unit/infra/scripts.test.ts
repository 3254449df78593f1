import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { appRoles } from "../../../shared/operators/operator.ts";

const infra = fileURLToPath(new URL("../../../infra/", import.meta.url));

/** Runs a script with an Azure CLI that prints `answer` and notes what it was asked, and with what file. */
async function run(script: string, args: readonly string[], answer: string) {
  const folder = await mkdtemp(join(tmpdir(), "infra-"));
  await writeFile(
    join(folder, "az"),
    `#!/bin/sh
echo "$*" >> ${folder}/calls
while [ $# -gt 0 ]; do [ "$1" != --file ] || cp "$2" ${folder}/secret; shift; done
printf '%s' '${answer}'
`,
  );
  await chmod(join(folder, "az"), 0o755);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const result = await promisify(execFile)(`${infra}${script}`, args, { env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }) => ({ code, said: stderr }),
  );
  const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => "");
  return { ...result, calls: (await read("calls")).trim().split("\n"), secret: await read("secret") };
}

test("create-secret.sh makes a secret that the app accepts, and shows it to nobody", async () => {
  const { calls, secret, said } = await run("create-secret.sh", ["the-vault"], "");
  expect(secret.length).toBeGreaterThanOrEqual(32);
  expect(calls[1]).toContain("keyvault secret set --vault-name the-vault --name cutoff-secret --file");
  expect(`${calls.join()} ${said}`).not.toContain(secret);
});

test("create-secret.sh leaves a secret alone that is there: a new one would break every seal", async () => {
  const { calls, said } = await run("create-secret.sh", ["the-vault"], "cutoff-secret");
  expect(calls).toHaveLength(1);
  expect(said).toContain("nothing was changed");
});

test("operators/create.sh makes the app registration with the roles that the app asks for, and says its id", async () => {
  const { calls, said } = await run("operators/create.sh", ["prod", "pimcutoff.example"], "");
  const made = calls.join("\n");
  for (const role of appRoles) expect(made).toContain(`"value": "${role}"`);
  expect(made).toContain('"requestedAccessTokenVersion": 2');
  expect(made).toContain("https://pimcutoff.example/.auth/login/aad/callback");
  expect(said).toContain("OPERATORS_AUDIENCE=");
});

test("operators/create.sh leaves an app registration alone that is there", async () => {
  const { calls, said } = await run("operators/create.sh", ["prod", "pimcutoff.example"], "the-app");
  expect(calls.join()).not.toContain("--method");
  expect(said).toContain("OPERATORS_AUDIENCE=the-app");
});

test.each([
  "create-secret.sh",
  "deploy-package.sh",
  "graph-permissions/grant.sh",
  "graph-permissions/grant-reads.sh",
  "operators/create.sh",
])("%s says how it is used when it is not told enough", async (script) => {
  const { code, said } = await run(script, [], "");
  expect(code).not.toBe(0);
  expect(said).toContain("usage:");
});

test("outputs.sh names what a deployment told as the documents do, safe for a shell to take in", async () => {
  const told = { azurE_KEY_VAULT: { type: "String", value: "kv-prod" }, NOTIFICATION_HOST: { value: '$(id)"`x`' } };
  const { calls, said } = await run("outputs.sh", ["pim-cutoff"], JSON.stringify(told));
  expect(calls[0]).toContain("deployment sub show --name pim-cutoff");
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    `${said}printf '%s %s' "$AZURE_KEY_VAULT" "$NOTIFICATION_HOST"`,
  ]);
  expect(stdout).toBe('kv-prod $(id)"`x`');
});
