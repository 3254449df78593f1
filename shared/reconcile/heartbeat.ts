import { z } from "zod";
import type { Queue } from "../storage/queue.ts";
import { parseContent, putRow, StorageConflictError, StorageRowError, type Table, unforged } from "../storage/table.ts";

/**
 * The heartbeat is a queue message that sends its successor. It drives the resync even if the function's timer stops for good, which has
 * been observed. There is one chain at a time: each message carries a token, and only the newest token counts.
 */
interface HeartbeatDependencies {
  readonly state: Table;
  readonly heartbeats: Queue;
  readonly newId: () => string;
  readonly resyncEvery: number;
}

const partition = "resync";
const row = "heartbeat";
const messageSchema = z.object({ v: z.literal(1), token: z.string() });
const rowSchema = z.object({ schema: z.literal(1), token: z.string() });

/** Resync intervals without a new link after which the next invocation starts the chain anew. */
const overdueAfter = 3;

/** A message in the heartbeat queue is no heartbeat of this version. */
export class HeartbeatError extends Error {
  readonly code = "HEARTBEAT_UNREADABLE";
  override readonly name = "HeartbeatError";
}

/**
 * Takes one link of the chain and sends the next. Returns false for a message left over from an older chain.
 * @throws HeartbeatError for a message that is no heartbeat.
 */
export async function takeHeartbeat(message: unknown, dependencies: HeartbeatDependencies): Promise<boolean> {
  const parsed = messageSchema.safeParse(message);
  if (!parsed.success) throw new HeartbeatError("A message in the heartbeat queue is not a heartbeat of this version.");
  const { stored, etag } = await load(dependencies.state);
  if (stored?.token !== parsed.data.token) return false;
  return link(etag, dependencies.resyncEvery, dependencies);
}

/**
 * Starts the chain when there is none, or when it has not moved for three intervals. Any invocation may call this; the first one wins. Returns
 * whether it started one. A row of another version is left alone and not an error, since the caller's own work must not fail because of it.
 */
export async function reviveHeartbeat(dependencies: HeartbeatDependencies): Promise<boolean> {
  const { state, resyncEvery } = dependencies;
  const loaded = await load(state).catch(unlessUnreadable);
  if (loaded === null) return false;
  const { etag, writtenAt, storageTime } = loaded;
  if (writtenAt !== null && storageTime - writtenAt <= overdueAfter * resyncEvery) return false;
  return link(etag, 0, dependencies);
}

async function link(
  etag: string | null,
  delay: number,
  { state, heartbeats, newId }: HeartbeatDependencies,
): Promise<boolean> {
  const content = { schema: 1, token: newId() };
  try {
    const put = putRow(row, content, etag);
    await state.commit(partition, [put]);
  } catch (error) {
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
  // A crash right here breaks the chain; three intervals later `reviveHeartbeat` starts it anew.
  await heartbeats.send({ v: 1, token: content.token }, delay);
  return true;
}

function unlessUnreadable(error: unknown): null {
  if (error instanceof StorageRowError) return null;
  throw error;
}

async function load(table: Table) {
  const { value, storageTime } = await table.get(partition, row);
  const trusted = unforged(value);
  if (trusted === undefined) return { stored: null, etag: value?.etag ?? null, writtenAt: null, storageTime };
  return { stored: parseContent(trusted, rowSchema), etag: trusted.etag, writtenAt: trusted.timestamp, storageTime };
}
