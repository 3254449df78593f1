import type { MetricName } from "./metric-names.ts";
import type { AlarmName, EventName } from "./names.ts";

/** What an event says besides its name: object ids, codes, numbers and ISO times; flat, so that it can be queried. */
export type EventProperties = Readonly<Record<string, string | number | boolean | null>>;

/** What a measurement is told apart by: few values each, never an id. */
export type Dimensions = Readonly<Record<string, string | number | boolean>>;

/** What the app tells the outside. Never names, mail addresses, tokens, secrets or bodies. */
export interface Telemetry {
  /** Something happened that an operator may want to count or look up. */
  event(name: EventName, properties: EventProperties): void;
  /** Something needs a person: same shape, louder. */
  alarm(name: AlarmName, properties: EventProperties): void;
  /** One measurement, in the metric's unit. */
  measure(name: MetricName, value: number, dimensions?: Dimensions): void;
}
