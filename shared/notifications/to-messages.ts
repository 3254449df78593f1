import { z } from "zod";
import type { RolePrivilege } from "../graph/graph.ts";
import {
  type Job,
  jobMessage,
  type KeyedMessage,
  type Signal,
  toMessage,
  unpackMessages,
} from "../reconcile/messages.ts";
import type { Queue } from "../storage/queue.ts";
import type { Authentic } from "./authenticate.ts";
import type { ChangeNotification, LifecycleNotification } from "./read-delivery.ts";

/** A message. If the id came from the notification, the message is sent only if storage has state of that principal, or if that group is watched. */
export interface Hint extends KeyedMessage {
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
