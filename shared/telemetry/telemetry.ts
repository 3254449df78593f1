import { randomBytes } from "node:crypto";
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
