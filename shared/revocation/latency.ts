import type { Obligation } from "../model/pending-revocation.ts";

/** Milliseconds from the last moment at which the privilege may have been held; null for what did not happen. Graph's times: whole seconds. */
export interface Latency {
  readonly endToDetected: number;
  readonly endToAccepted: number | null;
  readonly endToVerified: number | null;
}

/** How fast an end was found and cut. Of an end that nobody announced only the first absence is known, so it counts from there. Pure. */
export function latencyOf({ lastHeld, foundAt, progress }: Obligation): Latency {
  const since = (time: number | null) => (time === null ? null : Math.max(0, time - lastHeld));
  const closed = progress.state === "closed" ? progress : null;
  return {
    endToDetected: Math.max(0, foundAt - lastHeld),
    endToAccepted: since(progress.state === "accepted" ? progress.acceptedAt : (closed?.acceptedAt ?? null)),
    endToVerified: since(closed?.verified ? closed.closedAt : null),
  };
}
