import { z } from "zod";
import type { RolePrivilege } from "../graph/graph.ts";
import { type Job, jobMessage, parseMessage, type Signal, toMessage, trusted } from "../reconcile/messages.ts";
import { shareNext } from "../storage/call-storage.ts";
import type { Queue } from "../storage/queue.ts";
import type { Authentic } from "./authenticate.ts";
import type { ChangeNotification, LifecycleNotification } from "./read-delivery.ts";

/** A message. If the id came from the notification, the message is sent only if storage has state of that principal, or if that group is watched. */
export interface Hint {
  /** Of several messages with the same key, one is enough. */
  readonly key: string;
  readonly message: unknown;
  readonly ifKnown?: string;
  readonly ifWatched?: string;
}

const guid = z.guid().toLowerCase();

/** The messages that follow from an authentic notification. `notifiedAt`: Graph's time when it had arrived. Pure. */
export function toSignals({ item, subscription }: Authentic<ChangeNotification>, notifiedAt: number): readonly Hint[] {
  const { source, groupId } = subscription;
  // The notification's content is not used: the audit log is read instead.
  if (source === "directoryAudits") return [catchUp(notifiedAt), resync];
  if (source === "roleAssignmentScheduleInstances") return [...instanceHints(item), resync];
  if (groupId !== null) return [groupHint(groupId, item, notifiedAt)];
  const changed = guid.safeParse(item.changedId).data;
  return changed === undefined ? [] : [{ ...groupHint(changed, item, notifiedAt), ifWatched: changed }];
}

/** The jobs that follow from an authentic lifecycle notification (Graph docs: change notifications lifecycle events). Pure. */
export function toJobs({ item, subscription }: Authentic<LifecycleNotification>): readonly Hint[] {
  const { groupId } = subscription;
  const readAgain = groupId === null ? [] : [hint({ principalId: groupId, because: "notification", tries: 0 })];
  const asked = [item.subscriptionId];
  const keep = { key: `keep ${item.subscriptionId}`, message: jobMessage({ kind: "keepSubscriptions", asked }) };
  switch (item.lifecycleEvent) {
    case "reauthorizationRequired":
      return [keep];
    case "subscriptionRemoved":
      return [keep, ...readAgain, resync];
    case "missed":
      return [...readAgain, resync];
    default:
      return [];
  }
}

const resync: Hint = { key: "resync", message: jobMessage({ kind: "resync" }) };
const catchUp = (notifiedAt: number): Hint => ({
  key: "catchUp",
  message: jobMessage({ kind: "catchUp", notifiedAt }),
});

/** A payload that only shows members who joined reports no end, and is no confirmation hint. */
function groupHint(groupId: string, { removed }: ChangeNotification, notifiedAt: number): Hint {
  return hint({
    principalId: groupId,
    because: "notification",
    tries: 0,
    notifiedAt,
    ...(removed === false ? {} : { confirms: groupId }),
  });
}

function instanceHints({ changedId }: ChangeNotification): readonly Hint[] {
  const instance = changedId === null ? null : readInstanceId(changedId);
  if (instance === null) return [];
  const { principalId } = instance;
  return [{ ...hint({ principalId, because: "notification", tries: 0 }), ifKnown: principalId }];
}

const hint = (signal: Signal): Hint => ({
  key: JSON.stringify([signal.principalId, signal.confirms ?? null]),
  message: toMessage(signal),
});

/** Up to this many messages are sent one by one: a single notification should not wait for a second hop through the queue. */
const fewest = 4;
/** Messages in one pack. Each has some 250 bytes, so a pack stays well below the 48 KB of a queue message. */
const mostInPack = 64;

/**
 * Packs messages into few queue messages: a write to the queue is the most expensive step of the notification endpoint. The function that
 * takes a pack off the queue sends each message in it. Pure.
 */
export function packMessages(messages: readonly unknown[]): readonly unknown[] {
  if (messages.length <= fewest) return messages;
  return Array.from({ length: Math.ceil(messages.length / mostInPack) }, (_, n) =>
    jobMessage({ kind: "sendAll", messages: messages.slice(n * mostInPack, (n + 1) * mostInPack) }),
  );
}

/**
 * The messages of a pack that may be sent on under our seal. Of a pack that is not ours the signals become hints, and packs and mass expiries are dropped:
 * otherwise the app would seal what an attacker with access to the queue has forged. @throws SignalError for a message that this version does not know
 */
export function unpackMessages(messages: readonly unknown[], isOurs: boolean): readonly unknown[] {
  if (isOurs) return messages;
  return messages.map(parseMessage).flatMap((message) => {
    if (message.kind === "principal") return [toMessage(trusted(message.signal, false))];
    return message.kind === "sendAll" || message.kind === "massExpiry" ? [] : [jobMessage(message)];
  });
}

/** Resolves when a message for each key is stored in the queue. @throws the queue's error: the notification must then not be acknowledged */
export type WriteSignals = (writes: readonly Pick<Hint, "key" | "message">[]) => Promise<void>;

/** Writes one burst after the other: messages that come meanwhile are gathered, those about one group become one, and all requests wait for their write. */
export function createSignalWriter(queue: Queue): WriteSignals {
  const gathered = new Map<string, unknown>();
  const write = shareNext(async () => {
    const messages = [...gathered.values()];
    gathered.clear();
    await Promise.all(packMessages(messages).map((message) => queue.send(message, 0)));
  });
  return async (writes) => {
    if (writes.length === 0) return;
    for (const { key, message } of writes) gathered.set(key, message);
    await write();
  };
}

/** Milliseconds until the next try when another instance is keeping the subscriptions. */
const askAgainAfter = 5000;

/** The functions that carry out each kind of job. */
export interface JobWork {
  readonly resync: () => Promise<void>;
  /** Catches up with Graph's audit log. Resolves to milliseconds until the next try; null when it is done. */
  readonly catchUp: (notifiedAt: number) => Promise<number | null>;
  /** Both resolve to false while another instance keeps the subscriptions. */
  readonly subscribe: (groupId: string) => Promise<boolean>;
  readonly keepSubscriptions: (asked: ReadonlySet<string>) => Promise<boolean>;
  readonly signals: Queue;
}

/**
 * Runs a job. A job that cannot run yet goes back to the queue. @throws the errors of the work and of the queue
 * @param isOurs the message bears our seal
 */
export async function runJob(job: Job, isOurs: boolean, work: JobWork): Promise<void> {
  const { signals } = work;
  const again = (wait: number) => signals.send(jobMessage(job), wait);
  switch (job.kind) {
    case "resync":
      return work.resync();
    case "catchUp": {
      const wait = await work.catchUp(job.notifiedAt);
      return wait === null ? undefined : again(wait);
    }
    case "sendAll":
      await Promise.all(unpackMessages(job.messages, isOurs).map((message) => signals.send(message, 0)));
      return;
    case "subscribe":
      return (await work.subscribe(job.groupId)) ? undefined : again(askAgainAfter);
    case "keepSubscriptions":
      return (await work.keepSubscriptions(new Set(job.asked))) ? undefined : again(askAgainAfter);
  }
}

const form = /^([A-Za-z0-9_-]{43})-\d+$/;

/**
 * Role and principal in the id of a roleAssignmentScheduleInstance: base64url of both GUIDs' bytes, as in the ids that Microsoft's
 * documentation shows. Null for any other id. The format is a guess, which is safe: it only leads to a live read of the principal.
 */
export function readInstanceId(
  id: string,
): (Pick<RolePrivilege, "roleDefinitionId"> & { readonly principalId: string }) | null {
  const [, encoded = ""] = form.exec(id) ?? [];
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes.length !== 32) return null;
  return { roleDefinitionId: toGuid(bytes.subarray(0, 16)), principalId: toGuid(bytes.subarray(16)) };
}

/** GUIDs are stored with their first three parts in little-endian order (.NET docs: Guid.ToByteArray). */
function toGuid(bytes: Buffer): string {
  const hex = (from: number, to: number) => bytes.subarray(from, to).toString("hex");
  const swapped = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).reverse().toString("hex");
  return [swapped(0, 4), swapped(4, 6), swapped(6, 8), hex(8, 10), hex(10, 16)].join("-");
}
