import type { AlarmName, EventName, MetricName } from "./names.ts";
import {
  type Dimensions,
  type EventProperties,
  newTraceContext,
  type Telemetry,
  type TraceContext,
} from "./telemetry.ts";

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

/** The app's log: the host takes over what is written to the console. Nothing else of the app writes to it. */
export const log: LogSink = { info: (line) => console.log(line), error: (line) => console.error(line) };

/** Where telemetry is stored, once it is loaded. Times are this machine's, epoch milliseconds. */
export interface Backend {
  event(event: RecordedEvent): void;
  measure(name: MetricName, value: number, dimensions: Dimensions): void;
  begin(step: BegunStep): TraceContext;
  end(step: TraceContext, result: StepResult): void;
  /** Sends what is left and ends. */
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
  /** What it threw: the error's code or name, never its message. */
  readonly error: string | null;
  readonly at: number;
}
