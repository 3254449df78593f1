import { tellError } from "./safe-errors.ts";
import type { LogSink } from "./telemetry/log-telemetry.ts";

/** What is used of Node's `process`. */
export interface EndingProcess {
  prependListener(event: "uncaughtException" | "unhandledRejection", listener: (thrown: unknown) => void): unknown;
  exit(code: number): unknown;
}

/**
 * Tells what was thrown where no function catches it as an error of a function is told, and ends the process, since nobody knows its state any more (Node docs:
 * Warning: Using 'uncaughtException' correctly; a rejection that nobody handles ends it as well). Before the host's own listeners: they would log message,
 * stack and causes. The host starts another process.
 */
export function tellUncaught(process: EndingProcess, log: Pick<LogSink, "error">): void {
  const end = (what: string) => (thrown: unknown) => {
    try {
      log.error(`${what}, the process ends: ${tellError(thrown).stack}`);
    } finally {
      process.exit(1);
    }
  };
  process.prependListener("uncaughtException", end("An exception that nobody caught"));
  process.prependListener("unhandledRejection", end("A rejection that nobody handled"));
}
