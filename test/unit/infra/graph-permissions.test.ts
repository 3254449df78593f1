import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import permitted from "../../../infra/graph-permissions/permissions.json" with { type: "json" };
import { permissions } from "../../../shared/graph/permissions.ts";

const script = fileURLToPath(new URL("../../../infra/graph-permissions/grant.sh", import.meta.url));

test("infra grants exactly the permissions that the gateway needs", () => {
  const needed = permissions.map(({ name, appRoleId }) => ({ name, appRoleId }));
  expect(permitted).toEqual(expect.arrayContaining(needed));
  expect(permitted).toHaveLength(needed.length);
});

describe("grant.sh", () => {
  /** Runs the script with an Azure CLI that answers from a list and notes what it was asked. */
  async function grant(granted: readonly string[]) {
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
    const { stdout } = await promisify(execFile)(script, ["the-identity"], {
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
    const posts = (await readFile(calls, "utf8")).split("\n").filter((line) => line.includes("--method post"));
    return { stdout, posts };
  }

  test("grants every permission to the identity, at the cloud's own Graph", async () => {
    const { posts } = await grant([]);
    expect(posts).toHaveLength(permissions.length);
    for (const [index, { appRoleId }] of permitted.entries()) {
      expect(posts[index]).toContain("https://graph.example/v1.0/servicePrincipals/graph-principal/appRoleAssignedTo");
      expect(posts[index]).toContain(
        `{"principalId":"the-identity","resourceId":"graph-principal","appRoleId":"${appRoleId}"}`,
      );
    }
  });

  test("leaves alone what was granted before", async () => {
    const [first] = permissions;
    const { posts, stdout } = await grant([first?.appRoleId ?? ""]);
    expect(posts).toHaveLength(permissions.length - 1);
    expect(stdout).toContain(`has      ${first?.name}`);
  });
});
