import { z } from "zod";
import { isInReview, type PendingRevocation, pending } from "../model/pending-revocation.ts";
import { type PrincipalState, summarize } from "../model/principal.ts";
import type { PolicySettings } from "../settings/settings.ts";
import {
  isForged,
  parseContent,
  putRow,
  type Row,
  StorageConflictError,
  type Table,
  unforged,
} from "../storage/table.ts";

/** State that applies to every revocation of the tenant, shared by all instances. */
interface Control {
  /** An operator's emergency stop: nothing is revoked and pending revocations are kept. */
  readonly stopped: boolean;
  /** Storage's time before which Graph wants no further revoke; null when it said nothing. */
  readonly throttledUntil: number | null;
  /** When revoking last began again after a pause, by an operator or by the settings; null when it was never interrupted. */
  readonly resumption: Resumption | null;
}

/** The operator who ordered a stop, by object id, and the reason, which may contain names: only operators see it. */
interface StopOrder {
  readonly by: string;
  readonly reason: string;
}

/** The stop that is in force. */
export interface Stop {
  /** Storage's time. */
  readonly since: number;
  /** Null: an older version did not store it, or the row is forged. */
  readonly order: StopOrder | null;
  readonly isForged: boolean;
}

export interface ControlStore {
  /**
   * While the stop row is forged the app counts as stopped, until an operator resumes it. A deleted row leaves no trace: only `CUTOFF_STOP` is a stop that
   * a writer to storage cannot lift.
   * @throws StorageRowError when another version wrote the stop: then nothing may be revoked.
   */
  read(): Promise<Control & { readonly storageTime: number }>;
  /** Orders the emergency stop. An order while a stop is in force counts anew, so that a resume that began before it does not lift it. */
  stop(order?: StopOrder): Promise<void>;
  /**
   * Resolves to a function that lifts the stop in force now, and no later one. That function resolves to false, and lifts nothing, when a stop was ordered
   * since: the operator who resumes has not seen the reason for that one.
   * @param orderedAt storage's time when the resume was ordered, whole seconds: a process may have been frozen since. Absent: now.
   */
  prepareLift(orderedAt?: number): Promise<() => Promise<boolean>>;
  throttle(until: number): Promise<void>;
}

/** Milliseconds: `orderedAt` is in whole seconds, so a stop of the same second may have come before the order. */
const orderPrecision = 1000;

const partition = "control";
const stopRow = "stop";
const liftedRow = "lifted";
const throttleRow = "throttle";
/**
 * The row `stop` exists while the stop is in force; `lifted` records the stop that was lifted last. Only older versions wrote a row `stop` with `stopped`
 * false: an attacker who writes to storage could put such a row back over a new stop, with its seal, within a minute.
 */
const stopSchema = z.object({
  schema: z.literal(1),
  stopped: z.boolean(),
  /** When the stop began, or the one that was lifted; storage's time. */
  since: z.exactOptional(z.number()),
  /** When it was lifted; storage's time. In the content, since the row is written anew when the secret is rotated. */
  liftedAt: z.exactOptional(z.number()),
  /** Distinguishes one order from the next. */
  order: z.exactOptional(z.int()),
  by: z.exactOptional(z.string()),
  reason: z.exactOptional(z.string()),
});
const throttleSchema = z.object({ schema: z.literal(1), until: z.number() });

export function createControlStore(table: Table): ControlStore {
  return {
    async read() {
      const { value: rows, storageTime } = await table.list(partition);
      const find = (name: string) => rows.find(({ row }) => row === name);
      const stop = find(stopRow);
      const throttle = unforged(find(throttleRow));
      const stopped = isInForce(stop);
      const lifted = stopped ? null : latest(readLifted(unforged(find(liftedRow))), readLifted(stop));
      return {
        stopped,
        resumption: latest(lifted, readResumption(unforged(find(enforcementRow)))),
        throttledUntil: throttle === undefined ? null : parseContent(throttle, throttleSchema).until,
        storageTime,
      };
    },
    async stop(order) {
      const { value, storageTime } = await table.get(partition, stopRow);
      const known = value === undefined || isForged(value) ? undefined : parseContent(value, stopSchema);
      const since = known?.stopped ? (known.since ?? value?.timestamp ?? storageTime) : storageTime;
      const content = { schema: 1, stopped: true, since, order: (known?.order ?? 0) + 1, ...order };
      await table.commit(partition, [{ type: "upsert", row: stopRow, content }]);
    },
    async prepareLift(orderedAt = Number.POSITIVE_INFINITY) {
      const { value: seen, storageTime: liftedAt } = await table.get(partition, stopRow);
      const isStopped = async () => isInForce((await table.get(partition, stopRow)).value);
      return async () => {
        if (seen === undefined || !isInForce(seen)) return !(await isStopped());
        if (seen.timestamp >= orderedAt + orderPrecision) return false;
        const { since = seen.timestamp } = isForged(seen) ? {} : parseContent(seen, stopSchema);
        try {
          await table.commit(partition, [
            { type: "upsert", row: liftedRow, content: { schema: 1, stopped: false, since, liftedAt } },
            { type: "delete", row: stopRow, etag: seen.etag },
          ]);
          return true;
        } catch (error) {
          if (!(error instanceof StorageConflictError)) throw error;
          // Another resume was first, or another stop.
          return !(await isStopped());
        }
      };
    },
    async throttle(until) {
      await table.commit(partition, [{ type: "upsert", row: throttleRow, content: { schema: 1, until } }]);
    },
  };
}

const isInForce = (stop: Row | undefined): boolean =>
  stop !== undefined && (isForged(stop) || parseContent(stop, stopSchema).stopped);

/** The operator's stop that is in force; null when there is none. @throws the errors of storage */
export async function readStop(table: Table): Promise<Stop | null> {
  const { value: row } = await table.get(partition, stopRow);
  if (row === undefined || !isInForce(row)) return null;
  if (isForged(row)) return { since: row.timestamp, order: null, isForged: true };
  const { since = row.timestamp, by, reason } = parseContent(row, stopSchema);
  return { since, order: by === undefined || reason === undefined ? null : { by, reason }, isForged: false };
}

function readLifted(row: Row | undefined): Resumption | null {
  if (row === undefined) return null;
  const { stopped, since, liftedAt = row.timestamp } = parseContent(row, stopSchema);
  return stopped || since === undefined ? null : { from: "stop", since, at: liftedAt };
}

function latest(a: Resumption | null, b: Resumption | null): Resumption | null {
  if (a === null || b === null) return a ?? b;
  return a.at >= b.at ? a : b;
}

/** Whether the settings let the app revoke. */
export type EnforcementState = Pick<PolicySettings, "mode" | "stopped">;

/** Why the app did not revoke. */
export type Pause = "off" | "reportOnly" | "stop";

/** The app revokes again after a pause. Storage's times, epoch milliseconds. */
export interface Resumption {
  readonly from: Pause;
  /** When the pause began. */
  readonly since: number;
  readonly at: number;
}

const pauseOf = ({ mode, stopped }: EnforcementState): Pause | null =>
  mode !== "enforce" ? mode : stopped ? "stop" : null;

const enforcementRow = "enforcement";
const enforcementSchema = z.object({
  schema: z.literal(1),
  mode: z.enum(["off", "reportOnly", "enforce"]),
  stopped: z.boolean(),
  /** When this state began. In the content, since the row is written anew when the secret is rotated; rows of older versions have it as their time. */
  at: z.exactOptional(z.number()),
  left: z.object({ from: z.enum(["off", "reportOnly", "stop"]), since: z.number() }).nullable(),
});

/** The resumption that the row of the enforcement state records, by the settings; null when they ended no pause. */
function readResumption(row: Row | undefined): Resumption | null {
  if (row === undefined) return null;
  const { left, at = row.timestamp } = parseContent(row, enforcementSchema);
  return left === null ? null : { ...left, at };
}

/** Storage's time since when the mode and `CUTOFF_STOP` are as they are; null: not known. @throws the errors of storage */
export async function readEnforcementSince(table: Table): Promise<number | null> {
  const { value } = await table.get(partition, enforcementRow);
  return value === undefined || isForged(value) ? null : readEnforcementState(value).at;
}

/** A forged row may hide a pause, so it counts as `off`: old pending revocations then wait for a review. */
function readEnforcementState(row: Row): EnforcementState & { readonly at: number } {
  if (isForged(row)) return { mode: "off", stopped: false, at: row.timestamp };
  const { mode, stopped, at = row.timestamp } = parseContent(row, enforcementSchema);
  return { mode, stopped, at };
}

/**
 * Stores the enforcement state of this process's settings, unless it is in force already. Returns the resumption when it ends a pause, else null.
 * @throws the errors of storage
 */
export async function enterEnforcementState(
  table: Table,
  { mode, stopped }: EnforcementState,
): Promise<Resumption | null> {
  for (;;) {
    const { value, storageTime: at } = await table.get(partition, enforcementRow);
    const before = value === undefined ? null : readEnforcementState(value);
    if (before !== null && before.mode === mode && before.stopped === stopped) return null;
    const pause = before === null ? null : pauseOf(before);
    const isOver = before !== null && pause !== null && pauseOf({ mode, stopped }) === null;
    const left = isOver ? { from: pause, since: before.at } : null;
    const content = { schema: 1, mode, stopped, at, left };
    try {
      await table.commit(partition, [putRow(enforcementRow, content, value?.etag)]);
      return left === null ? null : { ...left, at };
    } catch (error) {
      // Another instance was first: perhaps with the same settings.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}

/** Milliseconds: a loss longer than this before the resumption waits for an operator. */
export const reviewAfter = 3_600_000;

/** Milliseconds: an unplanned end found this near the end of mode `off` may be as old as the beginning of that pause. */
const foundLate = 10 * 60_000;

interface Review {
  /** When revoking began again, and after what; null when it was never interrupted. */
  readonly resumption: Resumption | null;
  /** Graph's and storage's time of the same moment, epoch milliseconds. */
  readonly date: number;
  readonly storageTime: number;
}

/** Whether this loss lies so far back in a pause that only an operator may approve its revoke. Pure. */
export function needsReview(revocation: PendingRevocation, { resumption, date, storageTime }: Review): boolean {
  if (resumption === null || revocation.approved !== undefined) return false;
  const toGraph = (time: number) => time + date - storageTime;
  const began = toGraph(resumption.at);
  const { planned, lastHeld, cutOff } = revocation;
  const unseen = resumption.from === "off" && !planned && cutOff >= began - foundLate && cutOff < began + foundLate;
  return (unseen ? toGraph(resumption.since) : lastHeld) < began - reviewAfter;
}

/** The state with every `wanted` pending revocation approved by an operator's order, to be tried at once. Pure. */
export function approve(
  state: PrincipalState,
  operationId: string,
  wanted: (revocation: PendingRevocation) => boolean,
): PrincipalState {
  const revocations = new Map(
    [...state.revocations].map(([key, revocation]): [string, PendingRevocation] => {
      if (revocation.progress.state !== "pending" || !wanted(revocation)) return [key, revocation];
      const progress = isInReview(revocation) ? pending : revocation.progress;
      return [key, { ...revocation, approved: operationId, progress }];
    }),
  );
  return { ...state, revocations, head: summarize(state.head, revocations) };
}
