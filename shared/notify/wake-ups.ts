import type { Clock } from "../clock.ts";

/** Messages that this process has sent to have something done soon: whatever is there before one becomes visible needs no other. */
export interface WakeUps {
  /** Sends the message that does `what` after `delay` milliseconds, unless one is on its way that comes late enough. @throws what `send` throws */
  once(what: string, delay: number, send: () => Promise<void>): Promise<void>;
}

/** Milliseconds before a message becomes visible in which another is sent all the same: clocks and queues are not exact. */
const margin = 500;

export function createWakeUps(clock: Pick<Clock, "monotonic">): WakeUps {
  const comesAt = new Map<string, number>();
  return {
    async once(what, delay, send) {
      const now = clock.monotonic();
      if ((comesAt.get(what) ?? now) - margin > now) return;
      for (const [other, at] of comesAt) if (at < now) comesAt.delete(other);
      await send();
      comesAt.set(what, now + delay);
    },
  };
}
