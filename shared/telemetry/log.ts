import type { AlarmName, EventName, MetricName } from "./names.ts";
import {
  type Dimensions,
  type EventProperties,
  newTraceContext,
  type Telemetry,
  type TraceContext,
} from "./telemetry.ts";

/** The target of log lines: `console` on the Functions host, which stores what is written there. */
export interface LogSink {
  info(line: string): void;
  error(line: string): void;
}

/** Telemetry as one line of JSON per event, with `alarm: true` on alarms. Measurements are left out: the events hold the same times. */
export const logTelemetry = (sink: LogSink): Telemetry => ({
  event: (name, properties) => sink.info(JSON.stringify({ event: name, ...properties })),
  alarm: (name, properties) => sink.error(JSON.stringify({ event: name, alarm: true, ...properties })),
  measure: () => undefined,
});

/** Log lines in place of a backend that could not be loaded. Alarms are left out: they are always log lines. */
export const logBackend = (sink: LogSink): Backend => ({
  event: ({ name, alarm, properties }) =>
    alarm ? undefined : sink.info(JSON.stringify({ event: name, ...properties })),
  measure: () => undefined,
  begin: ({ parent }) => parent ?? newTraceContext(),
  end: () => undefined,
  close: async () => undefined,
});

/** The app's log: the host stores what is written to the console. No other code of the app writes to the console. */
export const log: LogSink = { info: (line) => console.log(line), error: (line) => console.error(line) };

/** A backend that stores telemetry, once it is loaded. Times are this machine's, epoch milliseconds. */
export interface Backend {
  event(event: RecordedEvent): void;
  measure(name: MetricName, value: number, dimensions: Dimensions): void;
  begin(step: BegunStep): TraceContext;
  end(step: TraceContext, result: StepResult): void;
  /** Sends the telemetry that is left and ends. */
  close(): Promise<void>;
}

export interface RecordedEvent {
  readonly name: EventName | AlarmName;
  readonly alarm: boolean;
  readonly properties: EventProperties;
  readonly at: number;
  /** The step in which it was recorded. */
  readonly context: TraceContext | undefined;
}

interface BegunStep {
  readonly name: string;
  readonly kind: "consumer" | "client";
  readonly parent: TraceContext | undefined;
  readonly at: number;
}

interface StepResult {
  readonly properties: EventProperties;
  /** The code or name of the error that the step threw, never its message. */
  readonly error: string | null;
  readonly at: number;
}
