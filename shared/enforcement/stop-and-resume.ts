import { z } from "zod";
import type { GraphTime, StorageTime } from "../base/clock.ts";
import type { PendingRevocation } from "../model/pending-revocation.ts";
import type { PolicySettings } from "../settings/settings.ts";
import {
  isFirst,
  isForged,
  loadRow,
  type Operation,
  parseContent,
  putRow,
  type Row,
  type Table,
  unforged,
} from "../storage/table.ts";

/** What applies to every revocation of the tenant. `stopped`: nothing is revoked, and pending revocations are kept. */
export interface Control {
  readonly stopped: boolean;
  /** Before this Graph wants no further revoke; null when it said nothing. */
  readonly throttledUntil: StorageTime | null;
  /** When revoking last began again after a pause, by an operator or by the settings; null when it was never interrupted. */
  readonly resumption: Resumption | null;
  readonly storageTime: StorageTime;
}

const partition = "control";
const stopRow = "stop";
const liftedRow = "lifted";
const throttleRow = "throttle";
const enforcementRow = "enforcement";

/**
 * The row `stop` exists while the stop is in force; `lifted` records the stop that was lifted last. `stopped` and `from` distinguish them: an attacker who
 * writes to storage cannot put the lifted one in place of the other. All times are content, since storage's change when the secret is rotated.
 */
const stopSchema = z.object({
  schema: z.literal(1),
  stopped: z.literal(true),
  since: z.number(),
  by: z.exactOptional(z.string()),
  reason: z.exactOptional(z.string()),
});
const throttleSchema = z.object({ schema: z.literal(1), until: z.number() });

/** Why the app did not revoke, and since when. */
const pauseSchema = z.object({ from: z.enum(["off", "reportOnly", "stop"]), since: z.number() });
type Pause = Readonly<z.infer<typeof pauseSchema>>;

/** The pause after which the app revokes again; `at`: when it began to. */
export type Resumption = Pause & { readonly at: StorageTime };
const liftedSchema = pauseSchema.extend({ schema: z.literal(1), at: z.number() });

/** `at`: when this state began. `left`: the pause that it ended. */
const enforcementSchema = z.object({
  schema: z.literal(1),
  mode: z.enum(["off", "reportOnly", "enforce"]),
  stopped: z.boolean(),
  at: z.number(),
  left: pauseSchema.nullable(),
});

export type ControlStore = ReturnType<typeof createControlStore>;

export function createControlStore(table: Table) {
  const isOver = async () => (await readStop(table)) === null;
  return {
    /**
     * While the stop row is forged the app counts as stopped, until an operator resumes it. A deleted row leaves no trace: only `CUTOFF_STOP` is a stop that
     * a writer to storage cannot lift. @throws StorageRowError when another version wrote the stop: then nothing may be revoked.
     */
    async read(): Promise<Control> {
      const { value: rows, storageTime } = await table.list(partition);
      const find = (name: string) => rows.find(({ row }) => row === name);
      const [stop, settings] = [find(stopRow), find(enforcementRow)];
      const throttle = unforged(find(throttleRow));
      const stopped = stopIn(stop) !== null;
      const lifted = stopped ? undefined : unforged(find(liftedRow));
      const resumptions = [
        lifted && parseContent(lifted, liftedSchema),
        settings && readEnforcement(settings).resumption,
      ];
      return {
        stopped,
        resumption: resumptions.flatMap((one) => one ?? []).toSorted((a, b) => b.at - a.at)[0] ?? null,
        throttledUntil: throttle === undefined ? null : parseContent(throttle, throttleSchema).until,
        storageTime,
      };
    },
    /** Orders the emergency stop. An order while a stop is in force counts anew, so that a resume that began before it does not lift it. */
    async stop(order?: NonNullable<Stop["order"]>) {
      const { content: known, storageTime } = await loadRow(table, partition, stopRow, stopSchema);
      const content = { schema: 1, stopped: true, since: known?.since ?? storageTime, ...order };
      await table.commit(partition, [{ type: "upsert", row: stopRow, content }]);
    },
    /**
     * Resolves to a function that lifts the stop in force now. It resolves to false, and lifts nothing, when a stop was ordered since, whose reason the
     * operator who resumes has not seen.
     * @param orderedAt when the resume was ordered, whole seconds: a process may have been frozen since. Absent: now.
     */
    async prepareLift(orderedAt: StorageTime = Number.POSITIVE_INFINITY): Promise<() => Promise<boolean>> {
      const { value: seen, storageTime: at } = await table.get(partition, stopRow);
      const stop = stopIn(seen);
      if (seen === undefined || stop === null) return isOver;
      // The order is timed in whole seconds: a stop of the same second may have come before it.
      if (seen.timestamp >= orderedAt + 1000) return async () => false;
      const lift: readonly Operation[] = [
        { type: "upsert", row: liftedRow, content: { schema: 1, from: "stop", since: stop.since, at } },
        { type: "delete", row: stopRow, etag: seen.etag },
      ];
      // Else another resume was first, or another stop.
      return async () => (await isFirst(table.commit(partition, lift))) || isOver();
    },
    async throttle(until: StorageTime) {
      await table.commit(partition, [{ type: "upsert", row: throttleRow, content: { schema: 1, until } }]);
    },
  };
}

/**
 * The stop that the row keeps in force; null when there is none. A forged row counts as a stop. `order`: who ordered it, by object id, and why: names may be
 * in it, so only operators see it; null when not known.
 */
function stopIn(row: Row | undefined) {
  if (row === undefined) return null;
  if (isForged(row)) return { since: row.timestamp, order: null, isForged: true };
  const { since, by, reason } = parseContent(row, stopSchema);
  const order = by === undefined || reason === undefined ? null : { by, reason };
  return { since, order, isForged: false };
}

export type Stop = NonNullable<ReturnType<typeof stopIn>>;

/** The operator's stop that is in force; null when there is none. @throws the errors of storage */
export const readStop = async (table: Table) => stopIn((await table.get(partition, stopRow)).value);

export type EnforcementState = Pick<PolicySettings, "mode" | "stopped">;

const pauseOf = ({ mode, stopped }: EnforcementState): Pause["from"] | null =>
  mode !== "enforce" ? mode : stopped ? "stop" : null;

/** A forged row may hide a pause, so it counts as `off`: old pending revocations then wait for a review. */
function readEnforcement(row: Row) {
  if (isForged(row)) return { mode: "off" as const, stopped: false, at: row.timestamp, resumption: null };
  const { mode, stopped, at, left } = parseContent(row, enforcementSchema);
  return { mode, stopped, at, resumption: left && { ...left, at } };
}

/** Storage's time since when the mode and `CUTOFF_STOP` are as they are; null: not known. @throws the errors of storage */
export const readEnforcementSince = async (table: Table): Promise<StorageTime | null> =>
  (await loadRow(table, partition, enforcementRow, enforcementSchema)).content?.at ?? null;

/** Stores what this process's settings say, unless it is in force already. Returns the resumption if it ends a pause, else null. @throws storage's errors */
export async function enterEnforcementState(table: Table, now: EnforcementState): Promise<Resumption | null> {
  const { mode, stopped } = now;
  for (;;) {
    const { value, storageTime: at } = await table.get(partition, enforcementRow);
    const before = value && readEnforcement(value);
    if (before?.mode === mode && before.stopped === stopped) return null;
    const from = before && pauseOf(before);
    const left = before && from && pauseOf(now) === null ? { from, since: before.at } : null;
    const put = putRow(enforcementRow, { schema: 1, mode, stopped, at, left }, value?.etag);
    // Another instance that is first perhaps has the same settings.
    if (await isFirst(table.commit(partition, [put]))) return left && { ...left, at };
  }
}

/** Milliseconds: a loss longer than this before the resumption waits for an operator. */
export const reviewAfter = 3_600_000;

/** Milliseconds: an unplanned end found this near the end of mode `off` may be as old as the beginning of that pause. */
const foundLate = 10 * 60_000;

/** Whether this loss lies so far back in a pause that only an operator may approve its revoke. `date` and `storageTime` are of the same moment. Pure. */
export function needsReview(
  { approved, planned, lastHeld, cutOff }: PendingRevocation,
  { resumption, storageTime, date }: Pick<Control, "resumption" | "storageTime"> & { readonly date: GraphTime },
): boolean {
  if (resumption === null || approved !== undefined) return false;
  const toGraph = (time: StorageTime): GraphTime => time + date - storageTime;
  const began = toGraph(resumption.at);
  const unseen = resumption.from === "off" && !planned && cutOff >= began - foundLate && cutOff < began + foundLate;
  return (unseen ? toGraph(resumption.since) : lastHeld) < began - reviewAfter;
}
