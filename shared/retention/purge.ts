import { commitPrincipal } from "../assignments/commit-principal.ts";
import type { CoreDependencies } from "../assignments/core-dependencies.ts";
import { loadPrincipal, readObligation } from "../assignments/load-principal.ts";
import { obligationPrefix } from "../assignments/principal-rows.ts";
import type { Clock } from "../clock.ts";
import { purgeToldPeople } from "../notify/told-people.ts";
import { undeliveredRows } from "../notify/undelivered.ts";
import { purgeOrders } from "../operations/order-record.ts";
import { rowKey } from "../storage/document-keys.ts";
import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import { isForged } from "../storage/table.ts";
import { forgetPast, isPast } from "./forget-past.ts";
import { takeTurn } from "./purge-turn.ts";

export interface PurgeDependencies extends Pick<CoreDependencies, "principals" | "state" | "telemetry"> {
  /** Milliseconds that records are kept after their outcome; at least a month (see `forgetPast`). */
  readonly keepFor: number;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Milliseconds after which an instance asks again whether it is time. */
const askEvery = 60_000;

/** Principals of one pass: a timer's invocation has other things to do. What is left is the next pass's. */
const mostAtOnce = 500;

/**
 * Once a day for all instances together: removes the records of outcomes and orders that are older than the retention. Nothing that still
 * waits for an outcome is ever removed, nor what this version cannot read, nor an outcome of which the webhook has yet to be told.
 * @throws the errors of storage: some may be removed, the next pass removes the rest.
 */
export function createPurge(dependencies: PurgeDependencies): () => Promise<void> {
  let askedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = dependencies.clock.monotonic();
    if (now - askedAt < askEvery) return;
    askedAt = now;
    await purge(dependencies);
  };
}

async function purge(dependencies: PurgeDependencies): Promise<void> {
  const { state, telemetry, keepFor } = dependencies;
  const turn = await takeTurn(state);
  if (turn === null) return;
  const before = turn.now - keepFor;
  const { found, isMore } = await principalsWithPast(dependencies, before, turn.after);
  const wanted = await undeliveredRows(state);
  let records = 0;
  for (const principalId of found) {
    records += await purgePrincipal(principalId, before, wanted, dependencies);
  }
  const orders = await purgeOrders(state, before);
  await purgeToldPeople(state, before);
  const last = found.at(-1);
  if (isMore && last !== undefined) await turn.again(last);
  telemetry.event("purged", { principals: found.length, records, orders });
}

/** The next ones after `after`, in the order of their ids, so that those who cannot be purged hold up nobody behind them. */
async function principalsWithPast(
  { principals }: PurgeDependencies,
  before: number,
  after: string,
): Promise<{ readonly found: readonly string[]; readonly isMore: boolean }> {
  const found = new Set<string>();
  for await (const row of principals.scan(obligationPrefix)) {
    if (row.partition <= after || isForged(row) || found.has(row.partition)) continue;
    try {
      if (!isPast(readObligation(row), before)) continue;
    } catch (error) {
      // Whoever looks at the principal raises it; here it is only left alone.
      if (!(error instanceof StorageRowError)) throw error;
      continue;
    }
    if (found.size === mostAtOnce) return { found: [...found], isMore: true };
    found.add(row.partition);
  }
  return { found: [...found], isMore: false };
}

/** Returns the number of records that were removed. */
async function purgePrincipal(
  principalId: string,
  before: number,
  wanted: ReadonlySet<string>,
  { principals }: PurgeDependencies,
): Promise<number> {
  try {
    const loaded = await loadPrincipal(principals, principalId);
    // Something is wrong with its rows: a look has to see them first.
    if (loaded.renew.size > 0) return 0;
    const next = forgetPast(loaded.state, before, (key) => wanted.has(rowKey(principalId, key)));
    if (next === loaded.state) return 0;
    await commitPrincipal(principals, loaded, next);
    return loaded.state.obligations.size - next.obligations.size;
  } catch (error) {
    // Somebody is at work on it: tomorrow is soon enough.
    if (error instanceof StorageConflictError || error instanceof StorageRowError) return 0;
    throw error;
  }
}
