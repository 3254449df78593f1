import type { EventProperties } from "./telemetry-parts.ts";

/** One step of a trace, while it is under way. */
export interface Step {
  /** Adds to what the step says; the same rules as for events. */
  set(properties: EventProperties): void;
}

export interface StepOptions {
  /** `consumer`: begun by the host's trigger; `client`: a call to Microsoft Graph. */
  readonly kind: "consumer" | "client";
  /** The step that led to this one, on another instance: a `traceparent` (W3C Trace Context). Whatever is none is ignored. */
  readonly parent?: unknown;
  readonly properties?: EventProperties;
}

/** How one trace comes from a signal, its looks, its calls and its outcome. It only tells: nothing may ever be decided by it. */
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
