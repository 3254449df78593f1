import { randomBytes } from "node:crypto";
import { minute } from "../base/clock.ts";
import type { AlarmName, EventName, MetricName } from "./names.ts";

/** The properties of an event: object ids, codes, numbers and ISO times; flat, so that they can be queried. */
export type EventProperties = Readonly<Record<string, string | number | boolean | null>>;

/** The dimensions of a measurement: few values each, never an id. */
export type Dimensions = Readonly<Record<string, string | number | boolean>>;

/** Records events, alarms and measurements. Never names, mail addresses, tokens, secrets or bodies. */
export interface Telemetry {
  /** Records an event that an operator may want to count or to find later. */
  event(name: EventName, properties: EventProperties): void;
  /** Records an alarm: a person has to act. The shape is that of an event. */
  alarm(name: AlarmName, properties: EventProperties): void;
  /** One measurement, in the metric's unit. */
  measure(name: MetricName, value: number, dimensions?: Dimensions): void;
}

/** Records nothing. For code that only reads, and reports its findings in another way. */
export const silentTelemetry: Telemetry = { event: () => undefined, alarm: () => undefined, measure: () => undefined };

/** One step of a trace, while it is under way. */
interface Step {
  /** Adds properties to the step; the same rules as for events. */
  set(properties: EventProperties): void;
}

interface StepOptions {
  /** `consumer`: begun by the host's trigger; `client`: a call to Microsoft Graph. */
  readonly kind: "consumer" | "client";
  /** The step that led to this one, on another instance: a `traceparent` (W3C Trace Context). An invalid one is ignored. */
  readonly parent?: unknown;
  readonly properties?: EventProperties;
}

/** Joins a signal, its passes, its calls and its outcome to one trace. A trace only describes: no decision may depend on it. */
export interface Tracing {
  /** Runs `work` as one step: within the step under way, else within `parent`, else as the first step of a new trace. */
  step<T>(name: string, options: StepOptions, work: (step: Step) => Promise<T>): Promise<T>;
  /** The step under way as a `traceparent`, to go along with a message; undefined outside of steps. */
  traceparent(): string | undefined;
}

/** Steps that leave no trace. */
export const untraced: Tracing = {
  step: (_name, _options, work) => work({ set: () => undefined }),
  traceparent: () => undefined,
};

/** Which step of which trace: 16 and 8 bytes in lower-case hex. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

const form = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** A `traceparent` (W3C Trace Context, version 00); undefined for an invalid text. An attacker who writes to the queue can only break a trace. */
export function parseTraceparent(value: unknown): TraceContext | undefined {
  const [, traceId, spanId] = (typeof value === "string" && form.exec(value)) || [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

export const formatTraceparent = ({ traceId, spanId }: TraceContext): string => `00-${traceId}-${spanId}-01`;

export const newTraceContext = (): TraceContext => ({
  traceId: randomBytes(16).toString("hex"),
  spanId: randomBytes(8).toString("hex"),
});

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

/** Calls `work` after a number of milliseconds. */
export type After = (ms: number, work: () => void) => void;

/** Node's timer, which does not keep the process alive. */
export const afterByTimer: After = (ms, work) => void setTimeout(work, ms).unref();

export interface CountByMinute extends Pick<Telemetry, "event"> {
  /** Records the counts that are still open. Called when the process is about to end. */
  flush(): void;
}

/** The events of one kind since the last one that was recorded. */
interface Count {
  readonly name: EventName;
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
  readonly count: number;
}

/**
 * For events that anybody on the internet can cause, since each of them costs money and hides others. The first event of a kind is recorded at once.
 * All that follow within a minute become one event at its end, with their numbers added up. Its `count` is the number of events that it stands for;
 * the alert rules add it up. A kind is a name with the properties that are not numbers: their values must come from a small set, never from a caller.
 */
export function countByMinute(telemetry: Pick<Telemetry, "event">, after: After): CountByMinute {
  /** Open counts by kind; null when nothing came since the last record. */
  const minutes = new Map<string, Count | null>();

  const report = ({ name, properties, count }: Count) => telemetry.event(name, { ...properties, count });

  function end(kind: string): void {
    const count = minutes.get(kind) ?? null;
    if (count === null) {
      minutes.delete(kind);
      return;
    }
    report(count);
    begin(kind);
  }

  function begin(kind: string): void {
    minutes.set(kind, null);
    after(minute, () => end(kind));
  }

  return {
    event(name, properties) {
      const kind = JSON.stringify([name, Object.entries(properties).filter(([, value]) => typeof value !== "number")]);
      const one = { name, properties, count: 1 };
      const soFar = minutes.get(kind);
      if (soFar !== undefined) {
        minutes.set(kind, soFar === null ? one : sum(soFar, one));
        return;
      }
      report(one);
      begin(kind);
    },
    flush() {
      for (const [kind, count] of minutes) {
        if (count !== null) report(count);
        minutes.set(kind, null);
      }
    },
  };
}

const sum = (a: Count, b: Count): Count => ({
  name: a.name,
  properties: add(a.properties, b.properties),
  count: a.count + b.count,
});

const add = (a: EventProperties, b: EventProperties): EventProperties =>
  Object.fromEntries(
    Object.entries(a).map(([name, value]) => {
      const other = b[name];
      return [name, typeof value === "number" && typeof other === "number" ? value + other : value];
    }),
  );
