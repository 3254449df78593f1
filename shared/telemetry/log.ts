import type { MetricName } from "./metric-names.ts";
import type { AlarmName, EventName } from "./names.ts";
import type { Dimensions, EventProperties } from "./telemetry-parts.ts";
import type { TraceContext } from "./traceparent.ts";

/** Where telemetry is stored, once it is loaded. Times are this machine's, epoch milliseconds. */
export interface Backend {
  event(told: ToldEvent): void;
  measure(name: MetricName, value: number, dimensions: Dimensions): void;
  begin(step: BegunStep): TraceContext;
  end(step: TraceContext, result: StepResult): void;
  /** Sends what is left and ends. */
  close(): Promise<void>;
}

export interface ToldEvent {
  readonly name: EventName | AlarmName;
  readonly alarm: boolean;
  readonly properties: EventProperties;
  readonly at: number;
  /** The step in which it was told. */
  readonly context: TraceContext | undefined;
}

export interface BegunStep {
  readonly name: string;
  readonly kind: "consumer" | "client";
  readonly parent: TraceContext | undefined;
  readonly at: number;
}

export interface StepResult {
  readonly properties: EventProperties;
  /** What it threw: the error's code or name, never its message. */
  readonly error: string | null;
  readonly at: number;
}
