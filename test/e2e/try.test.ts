import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startTenantProcess } from "../../local/stack/start-stack.ts";
import { revokeRequests } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { eventually } from "./support/world.ts";

const program = fileURLToPath(new URL("../../local/try/main.ts", import.meta.url));

/** Runs `npm run try` in a folder with these settings. */
async function tryIn(folder: string, values: Readonly<Record<string, string>>): Promise<ChildProcess> {
  await writeFile(join(folder, "local.settings.json"), JSON.stringify({ Values: values }));
  return spawn(process.execPath, [program], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
}

/** Gathers what it prints; resolves to the first line that matches. */
function listenTo({ stdout }: ChildProcess): (wanted: RegExp) => Promise<string> {
  if (stdout === null) throw new Error("Nothing can be read.");
  const lines: string[] = [];
  createInterface({ input: stdout }).on("line", (line) => lines.push(line));
  return (wanted) =>
    eventually(async () => {
      const found = lines.find((line) => wanted.test(line));
      if (found === undefined) throw new Error(`It has not printed ${wanted}:\n${lines.join("\n")}`);
      return found;
    });
}

it("report-only on this machine prints what it watches and what it would have done, and revokes nothing", async () => {
  const tenant = await startTenantProcess();
  const folder = await mkdtemp(join(tmpdir(), "try-"));
  const settings = {
    CUTOFF_SECRET: "a secret of at least 32 characters",
    GRAPH_ENDPOINT: tenant.url,
    ...tenant.identity,
  };
  const child = await tryIn(folder, settings);
  const printed = listenTo(child);
  try {
    await printed(/has read the tenant: active assignments of roles: 0$/);
    const { userId } = await activate(tenant.control, { seconds: 20 });
    const recorded = await printed(/: reportOnly/);
    expect(recorded).toMatch(new RegExp(`expired: ${userId} role [0-9a-f-]{36}: reportOnly wouldRevoke$`));
    expect(revokeRequests(await tenant.control.history())).toEqual([]);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
  } finally {
    child.kill();
    await Promise.all([tenant.stop(), rm(folder, { recursive: true })]);
  }
});
