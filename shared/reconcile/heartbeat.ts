import { z } from "zod";
import type { Queue } from "../storage/queue.ts";
import { loadRow, StorageRowError, type Table } from "../storage/table.ts";

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
const load = (state: Table) => loadRow(state, partition, row, rowSchema);

/** Resync intervals without a new link after which the next invocation starts the chain anew. */
const overdueAfter = 3;

/** A message in the heartbeat queue is no heartbeat of this version. */
export class HeartbeatError extends Error {
  readonly code = "HEARTBEAT_UNREADABLE";
  override readonly name = "HeartbeatError";
}

/** Takes one link of the chain and sends the next. Resolves to false for a message left over from an older chain. @throws HeartbeatError */
export async function takeHeartbeat(message: unknown, dependencies: HeartbeatDependencies): Promise<boolean> {
  const { data } = messageSchema.safeParse(message);
  if (data === undefined)
    throw new HeartbeatError("A message in the heartbeat queue is not a heartbeat of this version.");
  const { content, save } = await load(dependencies.state);
  return content?.token === data.token && link(save, dependencies.resyncEvery, dependencies);
}

/**
 * Starts the chain when there is none, or when it has not moved for three intervals. Any invocation may call this; the first one wins. Resolves to
 * whether it started one. A row of another version is left alone and not an error, since the caller's own work must not fail because of it.
 */
export async function reviveHeartbeat(dependencies: HeartbeatDependencies): Promise<boolean> {
  const { state, resyncEvery } = dependencies;
  const loaded = await load(state).catch((error: unknown) => {
    if (error instanceof StorageRowError) return null;
    throw error;
  });
  if (loaded === null) return false;
  const { writtenAt, storageTime, save } = loaded;
  if (writtenAt !== null && storageTime - writtenAt <= overdueAfter * resyncEvery) return false;
  return link(save, 0, dependencies);
}

type Save = Awaited<ReturnType<typeof load>>["save"];
async function link(save: Save, delay: number, { heartbeats, newId }: HeartbeatDependencies): Promise<boolean> {
  const token = newId();
  if (!(await save({ token }))) return false;
  // A crash right here breaks the chain; three intervals later `reviveHeartbeat` starts it anew.
  await heartbeats.send({ v: 1, token }, delay);
  return true;
}
