import type { LogLevel } from "./rpc.ts";

export interface LogScope {
  readonly functionName: string;
  readonly invocationId: string;
}

/** Writes one log line; `scope` names the invocation that it belongs to. */
export type Log = (level: LogLevel, message: string, scope?: LogScope) => void;

const ranks: Record<LogLevel, number> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

const labels: Record<LogLevel, string> = {
  trace: "trace",
  debug: "debug",
  information: "info ",
  warning: "WARN ",
  error: "ERROR",
  critical: "FATAL",
  none: "     ",
};

/** Text lines for people: time, level, function, the start of the invocation id, message. `least` is the lowest level shown. */
export function createLog(write: (line: string) => void, least: LogLevel): Log {
  return (level, message, scope) => {
    if (ranks[level] < ranks[least]) return;
    const where = scope ? `${scope.functionName} ${scope.invocationId.slice(0, 8)}` : "host";
    write(`${new Date().toISOString()} ${labels[level]} [${where}] ${message}\n`);
  };
}

/** An error as text with its stack and causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\n  caused by: ${describeError(error.cause)}`;
}
