import { SignalError } from "./assignments/messages.ts";
import { PulseError } from "./assignments/pulse.ts";
import { isGraphError } from "./graph/graph-errors.ts";
import { NoticeError } from "./notify/notice.ts";
import { isStorageError } from "./storage/storage-errors.ts";
import { codeOf, redactSentence } from "./telemetry/redact.ts";

/** Where something was thrown: a frame names code and no data. */
const frame = /^ {4}at [^\n]*:\d+:\d+\)?$/gm;

/** Errors whose sentences we wrote. */
const isOurs = (error: unknown): error is Error =>
  isGraphError(error) ||
  isStorageError(error) ||
  error instanceof SignalError ||
  error instanceof PulseError ||
  error instanceof NoticeError;

/**
 * What the host is given of an error that a function threw, since it logs message, stack and causes: the code, of our own errors also their
 * sentence, and where it was thrown. The message of any other may hold a URL, a body or a token, and so may its causes.
 */
export function tellError(error: unknown): Error {
  const code = codeOf(error);
  const said = isOurs(error) ? `${code}: ${redactSentence(error.message)}` : code;
  const told = new Error(said);
  const frames = error instanceof Error ? (withoutMessage(error).match(frame) ?? []) : [];
  told.stack = [`Error: ${said}`, ...frames].join("\n");
  return told;
}

/** A message may have lines of its own, which look like frames. */
const withoutMessage = ({ stack = "", message }: Error): string => stack.replace(message, "");
