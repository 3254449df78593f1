import { createHash, createHmac } from "node:crypto";
import { z } from "zod";
import { type Closed, isRole, isRule, type PendingRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { Queue } from "../storage/queue.ts";

/** One HTTP message of the specification Standard Webhooks. */
export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What a receiver gets of one outcome: object ids, words and times, never names. The id is the same for every delivery of the same outcome,
 * so that a receiver can recognise a repetition. `sentAt`: epoch milliseconds by this machine's clock; receivers refuse what is minutes old. Pure.
 */
export function toWebhookMessage(
  principalId: string,
  revocation: PendingRevocation,
  progress: Closed,
  secret: Uint8Array,
  sentAt: number,
): WebhookMessage {
  const id = `msg_${createHash("sha256").update(`${principalId}|${revocation.key}`).digest("hex").slice(0, 32)}`;
  const timestamp = String(Math.floor(sentAt / 1000));
  const body = JSON.stringify({
    type: `outcome.${progress.outcome}`,
    timestamp: new Date(progress.closedAt).toISOString(),
    data: { principalId, ...outcomeProperties(revocation, progress) },
  });
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
  return { headers, body };
}

/** "Deliver the outcome of this end": the message of the webhook's queue. What is delivered is what storage holds. */
export interface Notice {
  readonly principalId: string;
  /** Of the pending revocation. */
  readonly key: string;
  /** Deliveries that failed, or tries that found no outcome yet. */
  readonly tries: number;
}

const schema = z.object({
  v: z.literal(1),
  principalId: z.guid().toLowerCase(),
  key: z.string().min(1),
  tries: z.int().nonnegative(),
});

/** A queue message that is no notice. Trying again changes nothing: the host parks it in the poison queue. */
export class NoticeError extends Error {
  readonly code = "NOTICE_UNREADABLE";
  override readonly name = "NoticeError";
}

/** @throws NoticeError */
export function parseNotice(message: unknown): Notice {
  const result = schema.safeParse(message);
  if (!result.success) throw new NoticeError("A message in the webhook's queue is not a notice of this version.");
  const { v: _, ...notice } = result.data;
  return notice;
}

export const noticeMessage = (notice: Notice): unknown => ({ v: 1, ...notice });

/** Milliseconds: the commit that gives the outcome has come by then, as a rule. */
const commitsWithin = 2000;

/**
 * Sends a notice for every end that the commit from `before` to `after` is about to give its outcome. Before the commit: a crash in between
 * leaves a notice of an outcome that is not there, which costs a read, never an outcome without a notice. @throws the errors of storage
 */
export async function announceOutcomes(
  notices: Queue | undefined,
  before: PrincipalState,
  after: PrincipalState,
): Promise<void> {
  if (notices === undefined) return;
  for (const { key, progress } of after.revocations.values()) {
    if (progress.state !== "closed" || before.revocations.get(key)?.progress.state === "closed") continue;
    await notices.send(noticeMessage({ principalId: after.principalId, key, tries: 0 }), commitsWithin);
  }
}

const iso = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : new Date(time).toISOString();

/** Everything an operator may want to know of an end, in ids, words and ISO times of Graph's clock. */
export function endProperties(revocation: PendingRevocation): Readonly<Record<string, string | boolean | null>> {
  const { end, planned, foundBy, startDateTime, endDateTime } = revocation;
  return {
    ...privilegeProperties(revocation),
    kind: kindOf(revocation),
    end,
    planned,
    foundBy,
    startDateTime,
    endDateTime,
    lastHeld: iso(revocation.lastHeld),
    cutOff: iso(revocation.cutOff),
    foundAt: iso(revocation.foundAt),
  };
}

/** The same with what became of it, and what may outlive it. */
export function outcomeProperties(
  revocation: PendingRevocation,
  { outcome, verified, detail, acceptedAt, closedAt, outlives }: Closed,
): Readonly<Record<string, string | boolean | null>> {
  return {
    ...endProperties(revocation),
    outcome,
    verified,
    detail,
    acceptedAt: iso(acceptedAt),
    closedAt: iso(closedAt),
    accessTokensUntil: iso(outlives?.accessTokensUntil),
    caeUntil: iso(outlives?.caeUntil),
  };
}

export function kindOf(revocation: PendingRevocation): "role" | "member" | "owner" | "rule" {
  if (isRule(revocation)) return "rule";
  return isRole(revocation) ? "role" : revocation.access;
}

function privilegeProperties(revocation: PendingRevocation): Readonly<Record<string, string>> {
  const through = revocation.through === undefined ? {} : { groupId: revocation.through.groupId };
  if (isRule(revocation)) return { activity: revocation.activity };
  if (!isRole(revocation)) return { ...through, access: revocation.access };
  const { roleDefinitionId, directoryScopeId } = revocation;
  return { roleDefinitionId, directoryScopeId, ...through };
}

/** Milliseconds from the last moment at which the privilege may have been held; null for what did not happen. Graph's times: whole seconds. */
interface Latency {
  readonly endToDetected: number;
  readonly endToAccepted: number | null;
  readonly endToVerified: number | null;
}

/** How fast an end was found and cut. Of an end that nobody announced only the first absence is known, so it counts from there. Pure. */
export function latencyOf({ lastHeld, foundAt, progress }: PendingRevocation): Latency {
  const since = (time: number | null) => (time === null ? null : Math.max(0, time - lastHeld));
  const closed = progress.state === "closed" ? progress : null;
  return {
    endToDetected: Math.max(0, foundAt - lastHeld),
    endToAccepted: since(progress.state === "accepted" ? progress.acceptedAt : (closed?.acceptedAt ?? null)),
    endToVerified: since(closed?.verified ? closed.closedAt : null),
  };
}
