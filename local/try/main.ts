// npm run try: the app on this machine, in report-only, against the tenant that local.settings.json of the current folder names. It reads, and revokes nothing.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startAzurite } from "../azurite/start-azurite.ts";
import { HostError } from "../host/host-error.ts";
import { spawnListening } from "../stack/spawn-listening.ts";
import { hostLine } from "../stack/start-stack.ts";
import { createDescriber } from "./describe-line.ts";
import { help, readArguments } from "./read-arguments.ts";
import { TrialError, trialSettings } from "./trial-settings.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const location = join(process.cwd(), "local/out/try");

const describeLine = createDescriber();

const { build, help: isHelp } = given();
if (isHelp) {
  console.log(help);
  process.exit(0);
}
const settings = await trialSettings(process.cwd(), process.env).catch(refuse);
if (build) await import("../build/bundle.ts");
await mkdir(location, { recursive: true });
const azurite = await startAzurite({ location });
try {
  // This machine keeps the state.
  const env = { ...settings, AzureWebJobsStorage: azurite.connectionString };
  const { listening, exited, stop } = await spawnListening("local/host/main.ts", ["--port", "0", "--quiet"], {
    cwd: root,
    env,
    onLine(line) {
      const text = describeLine(line);
      if (text !== null) console.log(`${new Date().toISOString()} ${text}`);
    },
  });
  const { url, functionKey } = hostLine.parse(listening);
  console.log(
    "Report-only against your tenant: it reads, and revokes nothing. It runs until Ctrl-C; its state stays in local/out/try.",
  );
  console.log(`Is it well: curl ${url}/api/health -H 'x-functions-key: ${functionKey}'`);
  console.log("What it watches and what it would have done:");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
  await exited;
} catch (error) {
  if (!(error instanceof HostError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
} finally {
  await azurite.stop();
}

function given(): ReturnType<typeof readArguments> {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exit(2);
  }
}

/** Before anything is built or started. */
function refuse(error: unknown): never {
  if (!(error instanceof TrialError || error instanceof HostError)) throw error;
  console.error(error.message);
  process.exit(2);
}
