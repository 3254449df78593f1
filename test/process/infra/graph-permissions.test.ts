import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import permitted from "../../../infra/graph-permissions/permissions.json" with { type: "json" };
import { type Features, featuresOf, neededPermissions, permissions } from "../../../shared/graph/permissions.ts";
import { readSettings } from "../../../shared/settings/read.ts";
import { grantCommand } from "../../../tools/doctor/checks/token.ts";

const folderOf = (name: string) => fileURLToPath(new URL(`../../../infra/graph-permissions/${name}`, import.meta.url));

test("infra knows the table of the gateway, permission by permission", () => {
  expect(permitted).toEqual(permissions.map(({ name, appRoleId, when }) => ({ name, appRoleId, when })));
});

/** What the app that has these settings, and an address, needs. */
function featuresWith(settings: Readonly<Record<string, string>>): Features {
  const others = {
    CUTOFF_SECRET: "x".repeat(32),
    AzureWebJobsStorage__accountName: "name",
    WEBSITE_HOSTNAME: "a.example",
  };
  const reading = readSettings({ ...others, INCLUDED_PRINCIPALS: "all", ...settings });
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return featuresOf(reading.settings);
}

/** Runs a script with an Azure CLI that answers from a list and notes what it was asked. */
async function grant(granted: readonly string[], settings: Readonly<Record<string, string>> = {}, script = "grant.sh") {
  const folder = await mkdtemp(join(tmpdir(), "grant-"));
  const calls = join(folder, "calls");
  await writeFile(
    join(folder, "az"),
    `#!/bin/sh
echo "$*" >> ${calls}
case "$*" in
  "cloud show"*) echo https://graph.example/ ;;
  "ad sp show"*) echo graph-principal ;;
  *"--method get"*) printf '%s\\n' ${granted.map((id) => `'${id}'`).join(" ") || "''"} ;;
esac
`,
  );
  await chmod(join(folder, "az"), 0o755);
  const { stdout } = await promisify(execFile)(folderOf(script), ["the-identity"], {
    env: { PATH: `${folder}:${process.env.PATH}`, ...settings },
  });
  const posts = (await readFile(calls, "utf8")).split("\n").filter((line) => line.includes("--method post"));
  const ids = posts.map((line) => /"appRoleId":"([^"]+)"/.exec(line)?.[1]);
  return { stdout, posts, names: permitted.filter(({ appRoleId }) => ids.includes(appRoleId)).map(({ name }) => name) };
}

describe("grant.sh", () => {
  test.each([
    {},
    { CUTOFF_MODE: "reportOnly" },
    { CUTOFF_MODE: "off" },
    { GRAPH_SUBSCRIPTIONS: "allGroups" },
    { GRAPH_SUBSCRIPTIONS: "off" },
    { WATCHED_GROUPS: "none" },
    { WATCHED_GROUPS: "none", GRAPH_SUBSCRIPTIONS: "off" },
    { WATCHED_GROUPS: "3f2504e0-4f89-11d3-9a0c-0305e82c3301", CUTOFF_MODE: "reportOnly", GRAPH_SUBSCRIPTIONS: "off" },
  ])("with %o grants exactly what an app with these settings needs", async (settings) => {
    const features = featuresWith({ CUTOFF_MODE: "enforce", ...settings });
    const needed = neededPermissions(features).map(({ name }) => name);
    expect((await grant([], settings)).names).toEqual(needed);
    // The doctor says the same by its own command.
    const given = [...grantCommand(features).matchAll(/(\w+)=(\w+)/g)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]);
    expect((await grant([], Object.fromEntries(given))).names).toEqual(needed);
  });

  test("grants to the identity, at the cloud's own Graph", async () => {
    const { posts } = await grant([]);
    const [first] = permissions;
    expect(posts[0]).toContain("https://graph.example/v1.0/servicePrincipals/graph-principal/appRoleAssignedTo");
    expect(posts[0]).toContain(
      `{"principalId":"the-identity","resourceId":"graph-principal","appRoleId":"${first?.appRoleId}"}`,
    );
  });

  test("leaves alone what was granted before, and says what is not needed any more", async () => {
    const [first] = permissions;
    const members = permissions.find(({ name }) => name === "GroupMember.Read.All");
    const all = await grant([]);
    const { posts, stdout } = await grant([first?.appRoleId ?? "", members?.appRoleId ?? ""]);
    expect(posts).toHaveLength(all.posts.length - 1);
    expect(stdout).toContain(`has      ${first?.name}`);
    expect(stdout).toContain("has, and does not need, GroupMember.Read.All");
  });
});

test("grant-reads.sh gives what the app of npm run try needs, so nothing to revoke with", async () => {
  const { names, stdout } = await grant([], {}, "grant-reads.sh");
  const features = featuresWith({ CUTOFF_MODE: "reportOnly", GRAPH_SUBSCRIPTIONS: "off" });
  expect(names).toEqual(neededPermissions(features).map(({ name }) => name));
  expect(stdout).toContain("left out User.RevokeSessions.All");
});

test("the Bicep template decides by the same words as the script", async () => {
  const [bicep, script] = await Promise.all([
    readFile(folderOf("main.bicep"), "utf8"),
    readFile(folderOf("grant.sh"), "utf8"),
  ]);
  for (const { when } of permissions) {
    expect(bicep).toContain(`'${when}'`);
    expect(script).toMatch(new RegExp(`conditions=[^\\n]*\\b${when}\\b`));
  }
});
