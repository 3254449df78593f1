import { randomBytes } from "node:crypto";
import type { AlarmName, EventName, MetricName } from "./names.ts";

/** What an event says besides its name: object ids, codes, numbers and ISO times; flat, so that it can be queried. */
export type EventProperties = Readonly<Record<string, string | number | boolean | null>>;

/** What distinguishes measurements: few values each, never an id. */
export type Dimensions = Readonly<Record<string, string | number | boolean>>;

/** What the app records for the outside. Never names, mail addresses, tokens, secrets or bodies. */
export interface Telemetry {
  /** Something happened that an operator may want to count or look up. */
  event(name: EventName, properties: EventProperties): void;
  /** Something needs a person: same shape, louder. */
  alarm(name: AlarmName, properties: EventProperties): void;
  /** One measurement, in the metric's unit. */
  measure(name: MetricName, value: number, dimensions?: Dimensions): void;
}

/** For code that only reads, and reports what it found in another way. */
export const silentTelemetry: Telemetry = { event: () => undefined, alarm: () => undefined, measure: () => undefined };

/** One step of a trace, while it is under way. */
interface Step {
  /** Adds to what the step says; the same rules as for events. */
  set(properties: EventProperties): void;
}

interface StepOptions {
  /** `consumer`: begun by the host's trigger; `client`: a call to Microsoft Graph. */
  readonly kind: "consumer" | "client";
  /** The step that led to this one, on another instance: a `traceparent` (W3C Trace Context). Whatever is none is ignored. */
  readonly parent?: unknown;
  readonly properties?: EventProperties;
}

/** How one trace comes from a signal, its passes, its calls and its outcome. It only describes: nothing may ever be decided by it. */
export interface Tracing {
  /** Runs `work` as one step: part of the step under way, else of its `parent`, else the first of a new trace. */
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

/** A `traceparent` (W3C Trace Context, version 00); undefined for whatever is none: whoever writes to the queue can only break a trace. */
export function parseTraceparent(value: unknown): TraceContext | undefined {
  const [, traceId, spanId] = (typeof value === "string" && form.exec(value)) || [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}

export const formatTraceparent = ({ traceId, spanId }: TraceContext): string => `00-${traceId}-${spanId}-01`;

export const newTraceContext = (): TraceContext => ({
  traceId: randomBytes(16).toString("hex"),
  spanId: randomBytes(8).toString("hex"),
});
