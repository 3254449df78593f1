import { countUnread } from "../detection/unreadable.ts";
import { type GraphError, GraphRetryableError } from "../graph/graph-errors.ts";
import { loadPrincipal } from "../model/load.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { finishPass } from "../reconcile/finish-pass.ts";
import type { Signal } from "../reconcile/messages.ts";
import type { NextLook } from "../reconcile/reconcile.ts";

/**
 * What follows from a read that failed: nothing about what is held. It is tried again; and when a known end has passed and Graph stays unreadable for
 * minutes, that is raised.
 */
export async function lookUnread(
  signal: Signal,
  error: GraphError,
  timeLeft: number,
  dependencies: CoreDependencies,
): Promise<NextLook | null> {
  const { graphClock, principals, clock, timings, telemetry } = dependencies;
  const { code, status = null, message } = error;
  const properties = { principalId: signal.principalId, code, status, message };
  if (error instanceof GraphRetryableError) telemetry.event("readFailed", properties);
  else telemetry.alarm("readRefused", properties);

  const loaded = await loadPrincipal(principals, signal.principalId);
  const loadedAt = clock.monotonic();
  // Before its first answer this instance does not know Graph's time; storage's is nearer to it than our own clock.
  const date = graphClock.now(loaded.storageTime);
  const isOutage = error instanceof GraphRetryableError && error.reason === "unavailable";
  const next = isOutage ? countUnread(loaded.state, date, loaded.storageTime, timings) : loaded.state;
  if (next.head.unreadable?.raised === true && loaded.state.head.unreadable?.raised !== true) {
    telemetry.alarm("unreadable", properties);
  }
  const finished = await finishPass(
    { signal, timeLeft, loaded, loadedAt },
    {
      next,
      date,
      at: loadedAt,
      wakeAt: date + retryAfter(error, signal.tries, dependencies),
      wakeSignal: { ...signal, tries: signal.tries + 1 },
      work: false,
      overdue: [],
      failed: true,
    },
    dependencies,
  );
  return finished?.wait ?? null;
}

function retryAfter(error: GraphError, tries: number, { timings }: CoreDependencies): number {
  if (!(error instanceof GraphRetryableError)) return timings.holdEvery;
  return error.retryAfter ?? Math.min(timings.retryEvery * 2 ** Math.min(tries, 10), timings.retrySlowly);
}
