// Runs the built app on this machine: node local/host/main.ts [--app DIR] [--port N] [--quiet]
import { Console } from "node:console";
import { flushCompileCache } from "node:module";
import { Writable } from "node:stream";
import { given } from "../setup/given.ts";
import { drainOnSignal } from "./drain.ts";
import { gatherLines } from "./gather-lines.ts";
import { HostError } from "./host-error.ts";
import { createLog, describeError } from "./log.ts";
import { help, readArguments } from "./read-arguments.ts";
import { startHost } from "./start-host.ts";

const { appDirectory, port, quiet } = given(help, (args) => readArguments(args, process.cwd()));
const lines = gatherLines((text) => process.stderr.write(text));
process.on("exit", lines.flush);
// stdout carries one line for the program that started the host; whatever the app prints goes to stderr, in order with the host's own lines.
const printed = new Writable({
  decodeStrings: false,
  write(text, _encoding, done) {
    lines.write(text);
    done();
  },
});
globalThis.console = new Console(printed, printed);

let log = createLog(lines.write, "information");
try {
  if (quiet) log = createLog(lines.write, "warning");
  process.chdir(appDirectory);
  const { stop, ...listening } = await startHost({ appDirectory, port, env: process.env, log });
  drainOnSignal(stop, log);
  process.stdout.write(`${JSON.stringify({ event: "listening", ...listening })}\n`);
  // Else it would be written at an orderly end only, and tests kill hosts.
  flushCompileCache();
} catch (error) {
  log(
    "critical",
    error instanceof HostError ? `${error.message} (${error.code})\n${describeError(error)}` : describeError(error),
  );
  process.exit(1);
}
