import { isGraphError } from "./graph/errors.ts";
import { NoticeError } from "./notify/notice.ts";
import { SignalError } from "./reconcile/messages.ts";
import { HeartbeatError } from "./reconcile/wake-up.ts";
import { isStorageError } from "./storage/table.ts";
import { codeOf, redactSentence } from "./telemetry/redact.ts";
import type { LogSink } from "./telemetry/telemetry.ts";

/** Where something was thrown: a frame names code and no data. */
const frame = /^ {4}at [^\n]*:\d+:\d+\)?$/gm;

/** Errors whose sentences we wrote. */
const isOurs = (error: unknown): error is Error =>
  isGraphError(error) ||
  isStorageError(error) ||
  error instanceof SignalError ||
  error instanceof HeartbeatError ||
  error instanceof NoticeError;

/**
 * What the host is given of an error that a function threw, since it logs message, stack and causes: the code, of our own errors also their
 * sentence, and where it was thrown. The message of any other may hold a URL, a body or a token, and so may its causes.
 */
export function toSafeError(error: unknown): Error {
  const code = codeOf(error);
  const said = isOurs(error) ? `${code}: ${redactSentence(error.message)}` : code;
  const safe = new Error(said);
  const frames = error instanceof Error ? (withoutMessage(error).match(frame) ?? []) : [];
  safe.stack = [`Error: ${said}`, ...frames].join("\n");
  return safe;
}

/** A message may have lines of its own, which look like frames. */
const withoutMessage = ({ stack = "", message }: Error): string => stack.replace(message, "");

/** What is used of Node's `process`. */
export interface EndingProcess {
  prependListener(event: "uncaughtException" | "unhandledRejection", listener: (thrown: unknown) => void): unknown;
  exit(code: number): unknown;
}

/**
 * Writes what was thrown where no function catches it to the log, as an error of a function is written, and ends the process, since nobody knows its state any more (Node docs:
 * Warning: Using 'uncaughtException' correctly; a rejection that nobody handles ends it as well). Before the host's own listeners: they would log message,
 * stack and causes. The host starts another process.
 */
export function endOnUncaught(process: EndingProcess, log: Pick<LogSink, "error">): void {
  const end = (what: string) => (thrown: unknown) => {
    try {
      log.error(`${what}, the process ends: ${toSafeError(thrown).stack}`);
    } finally {
      process.exit(1);
    }
  };
  process.prependListener("uncaughtException", end("An exception that nobody caught"));
  process.prependListener("unhandledRejection", end("A rejection that nobody handled"));
}
