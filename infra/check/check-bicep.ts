import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BicepService } from "./bicep-service.ts";
import { checkSnapshots } from "./check-snapshots.ts";
import { findCompiler } from "./find-compiler.ts";
import type { Checked } from "./finding.ts";

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
  await using bicep = new BicepService(compiler.path);
  const snapshots = await checkSnapshots(bicep, out, write);
  const compiled: Checked[] = [];
  for (const file of others) compiled.push(await compile(bicep, file));
  return [...snapshots, ...compiled];
}

async function compile(bicep: BicepService, file: string): Promise<Checked> {
  const found = await bicep.compile(join(infra, file));
  const problems = found.map(({ text }) => text);
  // The Microsoft Graph extension comes from Microsoft's container registry.
  if (!found.some(({ code }) => code === "BCP192" || code === "BCP190")) return { what: file, problems };
  return { what: file, problems, unchecked: "What it extends cannot be fetched here." };
}
