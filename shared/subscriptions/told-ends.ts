import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";

/** Unannounced ends of memberships, counted by how a proven source told of them. Times are storage's, epoch milliseconds. */
export interface ToldEnds {
  /** Found by its notification. */
  readonly told: number;
  /** Found by our own looking; the notification came after. */
  readonly late: number;
  /** Found by our own looking, and no notification came in all the time in which Graph tries. */
  readonly missed: number;
  /** Found by our own looking: it may still be told of. */
  readonly open: readonly { readonly resource: string; readonly foundAt: number }[];
}

/** Graph tries for up to four hours (Graph docs: change notifications delivery by webhooks). */
const waitsFor = 4 * 3_600_000;
/** A notification that came a moment before we looked was about this end as well; deliveries are noted every 10 s. */
const before = 60_000;
const mostOpen = 500;

/** The counts with one more end. Pure. */
export const countEnd = (ends: ToldEnds, resource: string, isTold: boolean, now: number): ToldEnds =>
  isTold
    ? { ...ends, told: ends.told + 1 }
    : { ...ends, open: [...ends.open, { resource, foundAt: now }].slice(-mostOpen) };

/** The counts with what is open judged by when its subscription last delivered. Pure. */
export function judgeOpen(ends: ToldEnds, lastDelivery: ReadonlyMap<string, number>, now: number): ToldEnds {
  const isTold = ({ resource, foundAt }: ToldEnds["open"][number]) =>
    (lastDelivery.get(resource) ?? Number.NEGATIVE_INFINITY) >= foundAt - before;
  const late = ends.open.filter(isTold);
  const left = ends.open.filter((end) => !isTold(end));
  const open = left.filter(({ foundAt }) => now - foundAt < waitsFor);
  return { told: ends.told, late: ends.late + late.length, missed: ends.missed + left.length - open.length, open };
}

const partition = "toldEnds";
const row = "groups";
const schema = z.object({
  schema: z.literal(1),
  told: z.int(),
  late: z.int(),
  missed: z.int(),
  open: z.array(z.object({ resource: z.string(), foundAt: z.number() })),
});
const none: ToldEnds = { told: 0, late: 0, missed: 0, open: [] };
const mostTries = 5;

export async function loadToldEnds(state: Table): Promise<ToldEnds> {
  const { value } = await state.get(partition, row);
  return value === undefined ? none : parseContent(value, schema);
}

/** Changes the counts, whoever else does. Gives up after a few conflicts: it is a statistic. */
export async function changeToldEnds(state: Table, change: (ends: ToldEnds, now: number) => ToldEnds): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { value, storageTime } = await state.get(partition, row);
    const known = value === undefined ? none : parseContent(value, schema);
    const next = change(known, storageTime);
    if (next === known) return;
    const content = { schema: 1, ...next };
    const put =
      value === undefined
        ? { type: "insert" as const, row, content }
        : { type: "replace" as const, row, content, etag: value.etag };
    try {
      await state.commit(partition, [put]);
      return;
    } catch (error) {
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}
