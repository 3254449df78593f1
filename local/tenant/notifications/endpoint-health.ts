export const windowMs = 600_000;

export interface EndpointLimits {
  /** How many answers there must be before the endpoint is judged. An older text of the page counts from 100. */
  readonly minimum: number;
  /** Real milliseconds from which an answer counts as slow (3 s), and as good as none (10 s). */
  readonly slowMs: number;
  readonly dropMs: number;
}

export type EndpointState = "slow" | "drop";

/** How quick one endpoint has been in the last ten minutes (Graph docs: change-notifications-delivery-webhooks, throttling). */
export interface EndpointHealth {
  /** Notes an answer, or that there was none within `tookMs`, real milliseconds. The state that it changes to, if it does. */
  note(now: number, tookMs: number): EndpointState | null;
  /** Null: well. */
  state(now: number): EndpointState | null;
}

/**
 * More than 10 % of the answers above 3 s: slow for ten minutes, new notifications are delayed. More than 15 % above 10 s: drop,
 * notifications are discarded.
 */
export function createEndpointHealth(limits: () => EndpointLimits): EndpointHealth {
  let answers: { at: number; tookMs: number }[] = [];
  let throttled: { state: EndpointState; until: number } | null = null;
  const current = (now: number) => (throttled !== null && throttled.until > now ? throttled.state : null);

  const judge = (): EndpointState | null => {
    const { minimum, slowMs, dropMs } = limits();
    if (answers.length < minimum) return null;
    const share = (limit: number) => answers.filter(({ tookMs }) => tookMs >= limit).length / answers.length;
    if (share(dropMs) > 0.15) return "drop";
    return share(slowMs) > 0.1 ? "slow" : null;
  };

  return {
    state: current,
    note(now, tookMs) {
      answers = [...answers.filter(({ at }) => at > now - windowMs), { at: now, tookMs }];
      const before = current(now);
      const state = judge();
      if (state === null || state === before || before === "drop") return null;
      throttled = { state, until: now + windowMs };
      return state;
    },
  };
}
