import { z } from "zod";
import { parseContent } from "../storage/parse-content.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import { type Table, unforged } from "../storage/table.ts";
import type { SubscriptionTimings } from "./subscription-timings.ts";

const partition = "keeper";
const row = "subscriptions";
/** Storage's times. */
const schema = z.object({ schema: z.literal(1), until: z.number(), startedAt: z.number() });

export type Lease = "taken" | "notDue" | { readonly etag: string | null; readonly startedAt: number };

/** Takes the keeper's lease: one instance at a time, and unless it is urgent not sooner than `keepEvery` after the last start. */
export async function takeLease(state: Table, urgent: boolean, timings: SubscriptionTimings): Promise<Lease> {
  const { value, storageTime } = await state.get(partition, row);
  const trusted = unforged(value);
  const known = trusted === undefined ? null : parseContent(trusted, schema);
  if (known !== null && known.until > storageTime) return "taken";
  if (known !== null && !urgent && storageTime - known.startedAt < timings.keepEvery) return "notDue";
  const content = { schema: 1, until: storageTime + timings.leaseFor, startedAt: storageTime };
  const put =
    value === undefined
      ? { type: "insert" as const, row, content }
      : { type: "replace" as const, row, content, etag: value.etag };
  try {
    const { value: etags } = await state.commit(partition, [put]);
    return { etag: etags.get(row) ?? null, startedAt: storageTime };
  } catch (error) {
    if (error instanceof StorageConflictError) return "taken";
    throw error;
  }
}

/** Gives the lease back, unless it has run out and is somebody else's by now. */
export async function giveBackLease(state: Table, { etag, startedAt }: Exclude<Lease, string>): Promise<void> {
  if (etag === null) return;
  const content = { schema: 1, until: startedAt, startedAt };
  try {
    await state.commit(partition, [{ type: "replace", row, content, etag }]);
  } catch (error) {
    if (!(error instanceof StorageConflictError)) throw error;
  }
}
