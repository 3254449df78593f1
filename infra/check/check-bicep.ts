import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkSnapshots } from "./check-snapshots.ts";
import { findCompiler } from "./find-compiler.ts";
import type { Checked } from "./finding.ts";
import { runCompiler } from "./run-compiler.ts";

const infra = fileURLToPath(new URL("..", import.meta.url));
const out = fileURLToPath(new URL("../../local/out/bicep/", import.meta.url));

/** What somebody deploys by itself, beside main.bicep, which the snapshots compile with all its modules. */
const others = ["audit-stream/diagnostic-setting.bicep", "graph-permissions/main.bicep"];

/** Compiles and lints every Bicep file that is deployed on its own, and expands the main one into snapshots. A warning counts. */
export async function checkBicep(write: boolean): Promise<readonly Checked[]> {
  await mkdir(out, { recursive: true });
  const compiler = await findCompiler(out);
  if (compiler === null) {
    const unchecked = "No Bicep compiler: neither `bicep` nor `dotnet` with its package source can be had here.";
    return [{ what: "Bicep", problems: [], unchecked }];
  }
  console.log(`infra: ${compiler.version}`);
  const [snapshots, ...compiled] = await Promise.all([
    checkSnapshots(compiler.path, out, write),
    ...others.map((file) => compile(compiler.path, file)),
  ]);
  return [...snapshots, ...compiled];
}

async function compile(bicep: string, file: string): Promise<Checked> {
  const { problems } = await runCompiler(bicep, ["build", join(infra, file), "--stdout"]);
  // The Microsoft Graph extension comes from Microsoft's container registry.
  const unchecked = problems.some((line) => /BCP192|BCP190/.test(line))
    ? "What it extends cannot be fetched here."
    : null;
  return { what: file, problems, ...(unchecked === null ? {} : { unchecked }) };
}
