import { isGraphError } from "../graph/graph-errors.ts";
import { instantMs } from "../graph/instant.ts";
import { isStorageError, StorageUnavailableError } from "../storage/storage-errors.ts";
import { attend } from "./attend.ts";
import type { ResyncDependencies } from "./resync.ts";
import { finishRush, leaseRush } from "./rush-store.ts";
import { toMessage } from "./signal.ts";

/** Looks made side by side. The gateway paces the calls; this only has to keep it busy. */
const looksAtOnce = 8;

/** Milliseconds between two reads of the list while roles are still listed. */
const listEvery = 500;

/** Milliseconds after which the lease is renewed: a third of it. */
const renewEvery = 10_000;

/** Milliseconds after the ends at which the rest is left to looks of their own: within the function's time-out of two minutes. */
const endsAfter = 90_000;

/**
 * Cuts a rush: one instance reads the list, once for all, until the ended roles have left it, and then makes each principal's own look, the
 * most privileged first. The look is the ordinary one, with its own live read, commit and lease: the list only says when to make it.
 */
export async function takeRush(second: number, dependencies: ResyncDependencies): Promise<void> {
  if (dependencies.policy.mode === "off") return;
  try {
    await cutAll(second, dependencies);
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    // The lease runs out, and the resync finds every wake-up of the rush late: each principal is then looked at by itself.
    dependencies.telemetry.event("storageUnavailable", { rush: new Date(second).toISOString() });
  }
}

async function cutAll(second: number, dependencies: ResyncDependencies): Promise<void> {
  const { state, graphClock, clock, newId, signals, telemetry } = dependencies;
  const holder = newId();
  const rush = await leaseRush(state, second, holder);
  if (rush === null) return;
  telemetry.event("rushBegan", { second: new Date(second).toISOString(), principals: rush.principals.length });

  let waiting = rush.principals;
  let renewedAt = clock.monotonic();
  while (waiting.length > 0 && graphClock.now() < second + endsAfter) {
    if (graphClock.now() >= second) {
      const listed = await stillListed(second, dependencies);
      const due = listed === null ? [] : waiting.filter((id) => !listed.has(id));
      for (let from = 0; from < due.length; from += looksAtOnce * 10) {
        const portion = due.slice(from, from + looksAtOnce * 10);
        await lookAtAll(portion, dependencies);
        waiting = waiting.filter((id) => !portion.includes(id));
        if ((await leaseRush(state, second, holder)) === null) return;
        renewedAt = clock.monotonic();
      }
    }
    if (waiting.length === 0) break;
    await clock.sleep(listEvery);
    if (clock.monotonic() - renewedAt > renewEvery) {
      if ((await leaseRush(state, second, holder)) === null) return;
      renewedAt = clock.monotonic();
    }
  }
  for (const principalId of waiting) await signals.send(toMessage({ principalId, because: "timer", tries: 0 }), 0);
  await finishRush(state, second);
  telemetry.event("rushEnded", { second: new Date(second).toISOString(), left: waiting.length });
}

/** Principals of whom the list still shows a role that ends in this second; null when it cannot be read now. */
async function stillListed(
  second: number,
  { graph, graphClock }: ResyncDependencies,
): Promise<ReadonlySet<string> | null> {
  try {
    const list = await graph.listRoleInstances();
    graphClock.observe(list);
    const isOfSecond = (end: string | null) => end !== null && Math.floor(instantMs(end) / 1000) * 1000 === second;
    return new Set(
      list.value.filter(({ endDateTime }) => isOfSecond(endDateTime)).map(({ principalId }) => principalId),
    );
  } catch (error) {
    if (isGraphError(error)) return null;
    throw error;
  }
}

/** In this order, `looksAtOnce` at a time. What fails keeps its wake-up, and the resync finds that late. */
async function lookAtAll(principals: readonly string[], dependencies: ResyncDependencies): Promise<void> {
  const left = [...principals];
  const work = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await attend({ principalId: id, because: "timer", tries: 0 }, dependencies, true);
      } catch (error) {
        if (!isStorageError(error)) throw error;
        dependencies.telemetry.alarm("rowUnreadable", { principalId: id, code: error.code });
      }
    }
  };
  await Promise.all(Array.from({ length: looksAtOnce }, work));
}
