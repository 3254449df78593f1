import type { Backend } from "./log.ts";
import type { Telemetry } from "./telemetry-parts.ts";
import { newTraceContext } from "./traceparent.ts";

/** Where log lines go; `console` on the Functions host, which takes them over. */
export interface LogSink {
  info(line: string): void;
  error(line: string): void;
}

/** Telemetry as one line of JSON per event, `alarm: true` on what needs a person. Measurements are left out: the events hold the same times. */
export const logTelemetry = (sink: LogSink): Telemetry => ({
  event: (name, properties) => sink.info(JSON.stringify({ event: name, ...properties })),
  alarm: (name, properties) => sink.error(JSON.stringify({ event: name, alarm: true, ...properties })),
  measure: () => undefined,
});

/** Log lines in place of a backend that could not be loaded. Alarms are lines already. */
export const logBackend = (sink: LogSink): Backend => ({
  event: ({ name, alarm, properties }) =>
    alarm ? undefined : sink.info(JSON.stringify({ event: name, ...properties })),
  measure: () => undefined,
  begin: ({ parent }) => parent ?? newTraceContext(),
  end: () => undefined,
  close: async () => undefined,
});
