import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { appRoles } from "../../../shared/operators/prove-caller.ts";
import { azureErrors } from "../../unit/infra/support/azure-errors.ts";
import { type Replies, runScript } from "../../unit/infra/support/stand-in.ts";

describe("create-secret.sh", () => {
  const there = { "secret list": [""], "secret set": [""] };

  test("makes a secret that the app accepts, and shows it to nobody", async () => {
    const { calls, secret, stdout, stderr } = await runScript("create-secret.sh", ["the-vault"], there);
    expect(secret.length).toBeGreaterThanOrEqual(32);
    expect(calls[1]).toContain("keyvault secret set --vault-name the-vault --name cutoff-secret --file");
    expect(`${calls.join()} ${stdout} ${stderr}`).not.toContain(secret);
  });

  test("leaves a secret alone that is there: a new one would break every seal", async () => {
    const { calls, stdout } = await runScript("create-secret.sh", ["the-vault"], { "secret list": ["cutoff-secret"] });
    expect(calls).toHaveLength(1);
    expect(stdout).toContain("nothing was changed");
  });

  test("waits at each step while the role is on its way", async () => {
    const slow = {
      "secret list": [{ error: azureErrors.vaultRole }, ""],
      "secret set": [{ error: azureErrors.vaultRole }, ""],
    };
    const { code, waits, calls } = await runScript("create-secret.sh", ["the-vault"], slow);
    expect([code, waits, calls.length]).toEqual([0, ["15", "15"], 4]);
  });

  test("gives up after ten minutes, with what Azure said", async () => {
    const never = { "secret list": [{ error: azureErrors.vaultRole }] };
    const { code, waits, stderr } = await runScript("create-secret.sh", ["the-vault"], never);
    expect([code, waits.length]).toEqual([1, 39]);
    expect(stderr).toContain("ForbiddenByRbac");
  });

  test("says at once where to run it when the vault lets only its own network in", async () => {
    const closed = { "secret list": [{ error: azureErrors.vaultClosed }] };
    const { code, waits, stderr } = await runScript("create-secret.sh", ["the-vault"], closed);
    expect([code, waits]).toEqual([1, []]);
    expect(stderr).toContain("not in the app's network");
  });

  test("does not wait for what will not come", async () => {
    const { code, waits, stderr } = await runScript("create-secret.sh", ["kv-none"], {
      "secret list": [{ error: azureErrors.noSuchVault }],
    });
    expect([code, waits]).toEqual([1, []]);
    expect(stderr).toContain("VaultNotFound");
  });

  test("uses the subscription of azd, and the names that azd knows", async () => {
    const azd = { AZURE_SUBSCRIPTION_ID: "the-subscription", AZURE_KEY_VAULT: "the-vault" };
    const { calls } = await runScript("create-secret.sh", [], there, azd);
    expect(
      calls.every(
        (call) =>
          call.endsWith("--vault-name the-vault --subscription the-subscription") ||
          call.includes("--subscription the-subscription"),
      ),
    ).toBe(true);
  });
});

describe("refresh-secrets.sh", () => {
  const url =
    "https://arm.example/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/the-app/config/configreferences/appsettings";
  const around = {
    "cloud show": ["https://arm.example/\n"],
    "functionapp show": ["/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/the-app\n"],
    "/refresh?": [""],
  };
  const resolved = "CUTOFF_SECRET\tResolved\tReference has been successfully resolved.\n";
  const missing = "CUTOFF_SECRET\tSecretNotFound\tSecret not found.\n";
  const run = (states: Replies[string]) =>
    runScript("refresh-secrets.sh", ["the-group", "the-app"], { ...around, "--method get": states });

  test("asks App Service to read again, and is done when it has", async () => {
    const { code, calls, waits, stdout } = await run([resolved]);
    expect([code, waits]).toEqual([0, []]);
    expect(calls[2]).toContain(`--method post --url ${url}/refresh?api-version=2022-03-01`);
    expect(stdout).toContain("has read its secrets");
  });

  test("asks again until every reference is resolved, and says what it waits for", async () => {
    const { code, waits, stderr } = await run([
      "",
      missing,
      resolved + missing.replace("CUTOFF_SECRET", "NOTIFY_WEBHOOK_SECRET"),
      resolved,
    ]);
    expect([code, waits.length]).toEqual([0, 3]);
    expect(stderr).toContain("NOTIFY_WEBHOOK_SECRET\tSecretNotFound");
  });

  test("fails when the secret is not there after ten minutes", async () => {
    const { code, stderr } = await run([missing]);
    expect(code).toBe(1);
    expect(stderr).toContain("SecretNotFound: is it in the vault?");
  });

  test("waits at each step while Azure is not ready", async () => {
    const { code, waits } = await runScript("refresh-secrets.sh", ["the-group", "the-app"], {
      "cloud show": around["cloud show"],
      "functionapp show": [{ error: azureErrors.resourceRole }, ...around["functionapp show"]],
      "/refresh?": [{ error: azureErrors.conflict }, ""],
      "--method get": [{ error: azureErrors.resourceRole }, resolved],
    });
    expect([code, waits.length]).toEqual([0, 3]);
  });
});

describe("deploy-package.sh", () => {
  const announced = { "invoke-action": [""], "config-zip": [""] };

  test("announces and deploys the package of what is checked out, and says which that is", async () => {
    const { code, calls, stdout } = await runScript("deploy-package.sh", ["the-group", "the-app"], announced);
    expect(code).toBe(0);
    expect(calls).toEqual([
      "resource invoke-action --action syncfunctiontriggers --resource-group the-group --name the-app --resource-type Microsoft.Web/sites --output none",
      "functionapp deployment source config-zip --resource-group the-group --name the-app --src local/out/pim-cutoff.zip --output none",
    ]);
    expect(stdout).toMatch(/^Deploying \S.* to the-app\.$/m);
  });

  test("deploys a package that is there already as it is, and builds none", async () => {
    const there = fileURLToPath(new URL("../../../package.json", import.meta.url));
    const { code, calls, stdout } = await runScript("deploy-package.sh", ["the-group", "the-app", there], announced);
    expect([code, calls.length]).toEqual([0, 2]);
    expect(calls[1]).toContain(`--src ${there} `);
    expect(stdout).toContain(`Deploying the package ${there} to the-app.`);
  });

  test("deploys nothing when the package that is named is not there", async () => {
    const { code, calls, stderr } = await runScript("deploy-package.sh", ["the-group", "the-app", "no.zip"], announced);
    expect([code, calls]).toEqual([2, []]);
    expect(stderr).toContain("There is no package no.zip.");
  });

  test("waits while another deployment or a restart is under way", async () => {
    const { code, waits } = await runScript("deploy-package.sh", ["the-group", "the-app"], {
      ...announced,
      "config-zip": [{ error: azureErrors.deploying }, { error: azureErrors.conflict }, ""],
    });
    expect([code, waits.length]).toEqual([0, 2]);
  });

  test("deploys although Azure refuses the announcement, and says so", async () => {
    const refused = { ...announced, "invoke-action": [{ error: azureErrors.conflict }] };
    const { code, waits, calls, stdout } = await runScript("deploy-package.sh", ["the-group", "the-app"], refused);
    expect([code, waits, calls.length]).toEqual([0, [], 2]);
    expect(stdout).toContain("package-written may report it");
  });
});

describe("operators/create.sh", () => {
  const callback = "https://pimcutoff.example/.auth/login/aad/callback";
  const cloud = { "cloud show": ["https://graph.example/\n"] };
  const azureCli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
  const complete = JSON.stringify([["api://the-app"], appRoles, [azureCli], [callback], ["idtyp"]]);
  const bare = JSON.stringify([[], appRoles, [], [callback], null]);
  const nobodys = { "ad app list": [""] };
  const fresh: Replies = {
    ...cloud,
    ...nobodys,
    "/applications --headers": ["the-app\n"],
    "--method get": [bare],
    "--method patch": [""],
    "ad sp list": [""],
    "/servicePrincipals --headers": [""],
  };
  const run = (replies: Replies, ...more: readonly string[]) =>
    runScript("operators/create.sh", ["prod", "pimcutoff.example", ...more], replies);
  const changes = (calls: readonly string[]) => calls.filter((call) => /--method (?:post|patch)/.test(call));

  test("makes the app registration with the roles that the app asks for, and says its id", async () => {
    const { calls, stdout } = await run(fresh);
    const made = calls.join("\n");
    for (const role of appRoles) expect(made).toContain(`"value": "${role}"`);
    expect(made).toContain('"requestedAccessTokenVersion": 2');
    expect(made).toContain(callback);
    // Without it the tokens of automations do not say that they are access tokens, and are refused.
    expect(made).toContain('"optionalClaims": { "accessToken": [{ "name": "idtyp" }] }');
    expect(made).toContain('"identifierUris": ["api://the-app"]');
    expect(made).toContain('"appRoleAssignmentRequired": true');
    expect(stdout).toBe("OPERATORS_AUDIENCE=the-app\n");
  });

  test("waits at each step while Entra has not taken in the one before", async () => {
    const later = (reply: string) => [{ error: azureErrors.replicating }, reply];
    const { code, waits, stdout } = await run({
      ...fresh,
      "--method get": later(bare),
      "--method patch": later(""),
      "/servicePrincipals --headers": [{ error: azureErrors.noApplicationYet }, ""],
    });
    expect([code, waits.length, stdout]).toEqual([0, 3, "OPERATORS_AUDIENCE=the-app\n"]);
  });

  test("changes nothing where all is there", async () => {
    const replies = { ...cloud, "ad app list": ["the-app\n"], "--method get": [complete], "ad sp list": ["True\n"] };
    const { calls, stdout } = await run(replies);
    expect(changes(calls)).toEqual([]);
    expect(stdout).toBe("OPERATORS_AUDIENCE=the-app\n");
  });

  test("does each step that is missing, and only that", async () => {
    const replies = { ...cloud, "--method get": [bare], "--method patch": [""], "ad sp list": ["False\n"] };
    const { calls } = await run(replies, "the-app");
    expect(changes(calls).map((call) => /"(\w+)"/.exec(call)?.[1])).toEqual([
      "identifierUris",
      "api",
      "optionalClaims",
      "appRoleAssignmentRequired",
    ]);
  });

  test("says how to go on when it stops halfway", async () => {
    const { code, stderr } = await run({ ...fresh, "--method patch": [{ error: azureErrors.denied }] });
    expect(code).toBe(1);
    expect(stderr).toContain("create.sh prod pimcutoff.example the-app");
  });

  test("does not take over a registration of that name that another person made", async () => {
    const { code, calls, stdout, stderr } = await run({
      ...cloud,
      "--show-mine": [""],
      "ad app list --filter": ["an-intruders\n"],
    });
    expect([code, stdout, changes(calls)]).toEqual([1, "", []]);
    expect(stderr).toContain("that you do not own: an-intruders");
  });

  test("asks which, when there are several of one's own", async () => {
    const { code, stderr, stdout } = await run({ ...cloud, "--show-mine": ["the-app\nanother\n"] });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("several");
  });

  test("refuses the registration of another app", async () => {
    const others = JSON.stringify([["api://other"], ["Reader"], [], []]);
    const { code, stdout, calls } = await run({ ...cloud, "--method get": [others] }, "other");
    expect([code, stdout, changes(calls)]).toEqual([1, "", []]);
  });
});

describe.each([
  "create-secret.sh",
  "refresh-secrets.sh",
  "deploy-package.sh",
  "graph-permissions/grant.sh",
  "graph-permissions/grant-reads.sh",
  "operators/create.sh",
  "outputs.sh",
])("%s", (script) => {
  test.each([
    { given: "nothing", args: [] },
    { given: "--help", args: ["--help"] },
    { given: "an option", args: ["--nonsense"] },
  ])("says how it is used when it is given $given, and calls nothing", async ({ args }) => {
    const { code, stderr, calls } = await runScript(script, args, {});
    expect(code).not.toBe(0);
    expect(stderr).toContain("usage:");
    expect(calls).toEqual([]);
  });
});

test("outputs.sh names the outputs of a deployment as the documents do, safe for a shell to take in", async () => {
  const outputs = { azurE_KEY_VAULT: { type: "String", value: "kv-prod" }, NOTIFICATION_HOST: { value: '$(id)"`x`' } };
  const { calls, stdout } = await runScript("outputs.sh", ["pim-cutoff"], {
    "deployment sub show": [JSON.stringify(outputs)],
  });
  expect(calls[0]).toContain("--name pim-cutoff");
  const shell = `${stdout}printf '%s %s' "$AZURE_KEY_VAULT" "$NOTIFICATION_HOST"`;
  expect((await promisify(execFile)("sh", ["-c", shell])).stdout).toBe('kv-prod $(id)"`x`');
});
