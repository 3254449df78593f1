// npm run infra:check: compiles and lints every Bicep file that is deployed on its own. Any warning fails. Says plainly what it could not check.
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findCompiler } from "./find-compiler.ts";

const run = promisify(execFile);
const infra = fileURLToPath(new URL("..", import.meta.url));
const out = fileURLToPath(new URL("../../local/out/bicep/", import.meta.url));

/** What somebody deploys by itself; modules are compiled with whatever uses them. */
const entries = [
  "main.bicep",
  "main.bicepparam",
  "audit-stream/diagnostic-setting.bicep",
  "graph-permissions/main.bicep",
];

await mkdir(out, { recursive: true });
const compiler = await findCompiler(out);
if (compiler === null) {
  console.log(
    "infra: NOT checked. No Bicep compiler: neither `bicep` nor `dotnet` with its package source can be had here.",
  );
} else {
  console.log(`infra: ${compiler.version}`);
  for (const entry of entries) await check(compiler.path, entry);
}

async function check(bicep: string, entry: string): Promise<void> {
  const command = entry.endsWith(".bicepparam") ? "build-params" : "build";
  const said = await run(bicep, [command, join(infra, entry), "--stdout"], { maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stderr }) => stderr,
    (error: { stderr?: string }) => error.stderr ?? String(error),
  );
  const findings = said.split("\n").filter((line) => /: (?:Error|Warning) /.test(line));
  if (findings.length === 0 && said.trim() === "") {
    console.log(`infra: ${entry} compiles without a warning`);
  } else if (findings.some((line) => /BCP192|BCP190/.test(line))) {
    // Its Microsoft Graph extension comes from Microsoft's container registry.
    console.log(`infra: ${entry} NOT checked. What it extends cannot be fetched here.`);
  } else {
    console.error(`infra: ${entry}\n${said}`);
    process.exitCode = 1;
  }
}
