/** What the app tells the outside. Object ids, codes and times only: never names, tokens, secrets or bodies. */
export interface Telemetry {
  /** Something happened that an operator may want to count or look up. */
  event(name: string, properties: Readonly<Record<string, string | number | boolean | null>>): void;
  /** Something needs a person: same shape, louder. */
  alarm(name: string, properties: Readonly<Record<string, string | number | boolean | null>>): void;
}
