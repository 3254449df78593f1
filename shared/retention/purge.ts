import { z } from "zod";
import { type Clock, day } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import { commitPrincipal, loadPrincipal, readRevocation, revocationPrefix } from "../model/load-and-commit.ts";
import type { PendingRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { purgeMailedPeople } from "../notify/deliver.ts";
import { undeliveredRows } from "../notify/undelivered.ts";
import { purgeOrders } from "../operators/orders.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import {
  isForged,
  parseContent,
  putRow,
  type Row,
  StorageConflictError,
  StorageRowError,
  type Table,
  unforged,
} from "../storage/table.ts";

interface PurgeDependencies extends Pick<CoreDependencies, "principals" | "state" | "telemetry"> {
  /** Milliseconds that records are kept after their outcome; at least a month (see `forgetPast`). */
  readonly keepFor: number;
  readonly clock: Pick<Clock, "monotonic">;
}

/** Milliseconds between two checks by one instance whether a pass is due. */
const askEvery = 60_000;

/** Principals per pass, since the timer's invocation has other work as well. The next pass takes the rest. */
const mostAtOnce = 500;

/**
 * Removes records of outcomes and orders that are older than the retention, once a day for all instances together. Never removed are pending
 * revocations, rows that this version cannot read, and outcomes that the webhook has not received yet.
 * @throws from the returned function, the errors of storage: some records may be removed; the next pass removes the rest.
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
  await purgeMailedPeople(state, before);
  const last = found.at(-1);
  if (isMore && last !== undefined) await turn.again(last);
  telemetry.event("purged", { principals: found.length, records, orders });
}

/** The next principals after `after`, in the order of their ids, so that one that cannot be purged does not hold up the others. */
async function principalsWithPast(
  { principals }: PurgeDependencies,
  before: number,
  after: string,
): Promise<{ readonly found: readonly string[]; readonly isMore: boolean }> {
  const found = new Set<string>();
  for await (const row of principals.scan(revocationPrefix)) {
    if (row.partition <= after || isForged(row) || found.has(row.partition)) continue;
    try {
      if (!isPast(readRevocation(row), before)) continue;
    } catch (error) {
      // The principal's pass raises the alarm; here the row is only left alone.
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
    // Some rows are forged or were deleted: a pass must repair them first.
    if (loaded.renew.size > 0) return 0;
    const next = forgetPast(loaded.state, before, (key) => wanted.has(rowKey(principalId, key)));
    if (next === loaded.state) return 0;
    await commitPrincipal(principals, loaded, next);
    return loaded.state.revocations.size - next.revocations.size;
  } catch (error) {
    // Another instance is committing this principal: tomorrow is soon enough.
    if (error instanceof StorageConflictError || error instanceof StorageRowError) return 0;
    throw error;
  }
}

const partition = "retention";
const row = "purge";
/** `after`: the last principal of the previous pass, when more remained. Absent in rows of earlier versions. */
const schema = z.object({ schema: z.literal(1), nextAt: z.number(), after: z.exactOptional(z.string()) });

/** Milliseconds until the next pass when more principals remain. */
const soon = 60_000;

/** The right to make one pass, which only one instance gets. */
interface Turn {
  /** Storage's time, epoch milliseconds. */
  readonly now: number;
  /** Earlier passes of this day ended with this principal; empty for the first pass of a day. */
  readonly after: string;
  /** Records that more principals remain after this one, so that the next pass comes in a minute and not in a day. */
  again(after: string): Promise<void>;
}

/** The principal after which a due pass begins; null when none is due, or when another version wrote the row: keeping too much loses nothing. */
function dueAfter(row: Row | undefined, now: number): string | null {
  const trusted = unforged(row);
  if (trusted === undefined) return "";
  try {
    const { nextAt, after = "" } = parseContent(trusted, schema);
    return nextAt <= now ? after : null;
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return null;
  }
}

/** Takes the turn when a pass is due; null when none is, or another instance took it. @throws the errors of storage */
export async function takeTurn(state: Table): Promise<Turn | null> {
  const { value, storageTime: now } = await state.get(partition, row);
  const after = dueAfter(value, now);
  if (after === null) return null;
  const content = { schema: 1, nextAt: now + day };
  try {
    const { value: etags } = await state.commit(partition, [putRow(row, content, value?.etag)]);
    const etag = etags.get(row) ?? "";
    return {
      now,
      after,
      async again(last) {
        const sooner = { schema: 1, nextAt: now + soon, after: last };
        await state.commit(partition, [{ type: "replace", row, content: sooner, etag }]);
      },
    };
  } catch (error) {
    if (error instanceof StorageConflictError) return null;
    throw error;
  }
}

/** Whether a revocation got its outcome before this time (Graph's, epoch milliseconds). Without an outcome it is never past. */
const isPast = ({ progress }: PendingRevocation, before: number): boolean =>
  progress.state === "closed" && progress.closedAt < before;

/**
 * The state without records and ended holdings from before this time; the same object when there are none. Revocations without an outcome stay,
 * and those that `isWanted`. The time is at least a month ago, so that no old end can be found again as a new one: ended holdings count for two
 * days, ends are stale after a month at the latest, and Graph keeps its audit log for 30 days. Pure.
 */
export function forgetPast(
  state: PrincipalState,
  before: number,
  isWanted: (key: string) => boolean = () => false,
): PrincipalState {
  const revocations = [...state.revocations].filter(
    ([key, revocation]) => !isPast(revocation, before) || isWanted(key),
  );
  const ended = [...state.ended].filter(([, { endedAt }]) => endedAt >= before);
  if (revocations.length === state.revocations.size && ended.length === state.ended.size) return state;
  return { ...state, revocations: new Map(revocations), ended: new Map(ended) };
}
