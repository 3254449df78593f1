import type { Obligation } from "./obligation.ts";

/** Milliseconds from an announced end; null for what did not happen, and of an end that nobody announced. Graph's times: whole seconds. */
export interface Latency {
  readonly endToDetected: number | null;
  readonly endToAccepted: number | null;
  readonly endToVerified: number | null;
}

/** How fast an end was found and cut. When one came that nobody announced is not known, so neither is its latency. Pure. */
export function latencyOf({ planned, lastHeld, foundAt, progress }: Obligation): Latency {
  const since = (time: number | null) => (time === null || !planned ? null : Math.max(0, time - lastHeld));
  const closed = progress.state === "closed" ? progress : null;
  return {
    endToDetected: since(foundAt),
    endToAccepted: since(progress.state === "accepted" ? progress.acceptedAt : (closed?.acceptedAt ?? null)),
    endToVerified: since(closed?.verified ? closed.closedAt : null),
  };
}
