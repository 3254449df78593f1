import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import { readRevocation, revocationPrefix } from "../model/load.ts";
import type { Closed, PendingRevocation } from "../model/pending-revocation.ts";
import type { Queue } from "../storage/queue.ts";
import { parseRows } from "../storage/rows.ts";
import { StorageConflictError, type Table, unforged } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import {
  type Notice,
  NoticeError,
  noticeMessage,
  parseNotice,
  toWebhookMessage,
  type WebhookMessage,
} from "./message.ts";

export interface NotificationDependencies {
  readonly principals: Table;
  readonly state: Table;
  readonly notices: Queue;
  readonly post: PostWebhook;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Waits after failed deliveries; after the last one, a day and a half after the outcome, the notice is parked. */
const retryWaits = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  18 * hour,
];

/** Waits for the commit that the notice was sent before. If it never comes, the next one sends a notice of its own. */
const commitWaits = [10 * second, minute, 5 * minute];

const longestAsked = 24 * hour;

/**
 * Delivers one notice, or sends it again with a delay. A queue and a function of its own: a receiver that is slow or down delays no revoke.
 * @throws NoticeError, StorageRowError, StorageUnavailableError: the host tries again, and parks it in the poison queue
 */
export async function deliverNotice(message: unknown, dependencies: NotificationDependencies): Promise<void> {
  const notice = parseNotice(message);
  const { principals, notices, post, secret, clock, telemetry } = dependencies;
  const { principalId, key, tries } = notice;
  const found = await findOutcome(notice, principals);
  if (found === null) {
    const wait = commitWaits[tries];
    if (wait !== undefined) await notices.send(noticeMessage({ ...notice, tries: tries + 1 }), wait);
    else telemetry.event("noticeDropped", { principalId, key });
    return;
  }
  const { revocation, progress } = found;
  const { status, delivered, retryAfter } = await post(
    toWebhookMessage(principalId, revocation, progress, secret, clock.now()),
  );
  if (delivered) {
    telemetry.event("notified", { principalId, key, outcome: progress.outcome, tries });
    return;
  }
  const wait = retryWaits[tries];
  // 410: the receiver wants no more of them (Standard Webhooks).
  if (wait === undefined || status === 410) {
    await parkNotice(notice, `HTTP_${status}`, dependencies);
    return;
  }
  telemetry.event("notifyFailed", { principalId, key, status, tries });
  const asked = Math.min(retryAfter ?? 0, longestAsked);
  await notices.send(noticeMessage({ ...notice, tries: tries + 1 }), Math.max(wait, asked));
}

async function findOutcome(
  { principalId, key }: Notice,
  principals: Table,
): Promise<{ readonly revocation: PendingRevocation; readonly progress: Closed } | null> {
  const { value } = await principals.get(principalId, revocationPrefix + key);
  // What somebody else wrote is no outcome.
  const row = unforged(value);
  if (row === undefined) return null;
  const revocation = readRevocation(row);
  const { progress } = revocation;
  return progress.state === "closed" ? { revocation, progress } : null;
}

/** What came of one delivery: its status, or `0` when no answer came. */
export interface Delivery {
  readonly status: number;
  readonly delivered: boolean;
  /** What the receiver asked to wait, milliseconds; null when it said nothing. */
  readonly retryAfter: number | null;
}

type PostWebhook = (message: WebhookMessage) => Promise<Delivery>;

/** Milliseconds; receivers are to answer within 15 to 30 s (Standard Webhooks). */
const timeout = 15_000;

/** Only a 2xx is a delivery. Redirects are not followed: the message goes where the setting says and nowhere else. */
export const createPostWebhook =
  (url: string, fetch: typeof globalThis.fetch): PostWebhook =>
  async ({ headers, body }) => {
    try {
      const signal = AbortSignal.timeout(timeout);
      const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      await response.body?.cancel();
      return { status: response.status, delivered: response.ok, retryAfter: secondsOf(response.headers) };
    } catch {
      // No answer, for whatever reason: it may have been delivered, and is sent again under the same id.
      return { status: 0, delivered: false, retryAfter: null };
    }
  };

function secondsOf(headers: Headers): number | null {
  const text = headers.get("retry-after") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}

const partition = "undelivered";
const schema = z.object({
  schema: z.literal(1),
  principalId: z.string(),
  key: z.string(),
  /** Why the last delivery failed, e.g. `HTTP_500`; `HTTP_0` when no answer came. */
  code: z.string(),
});

/** Parks a notice that could not be delivered, for a person. */
export async function parkNotice(
  { principalId, key }: Notice,
  code: string,
  { state, telemetry }: { readonly state: Table; readonly telemetry: Telemetry },
): Promise<void> {
  const content = { schema: 1, principalId, key, code };
  await state.commit(partition, [{ type: "upsert", row: rowKey(principalId, key), content }]);
  telemetry.alarm("noticeParked", { principalId, key, code });
}

/** A message that the host gave up on. One that names no outcome is raised and dropped: there is nothing to send again. */
export async function parkPoison(
  message: unknown,
  messageId: string,
  dependencies: { readonly state: Table; readonly telemetry: Telemetry },
): Promise<void> {
  try {
    await parkNotice(parseNotice(message), "POISON", dependencies);
  } catch (error) {
    if (!(error instanceof NoticeError)) throw error;
    dependencies.telemetry.alarm("deadLetter", { messageId, principalId: null, code: "NOTICE_UNREADABLE" });
  }
}

/** Notices that wait for a person; `unreadable` are of another version. */
interface Undelivered {
  readonly notices: number;
  readonly unreadable: number;
}

/** The rows of what is parked: `rowKey` of principal and pending revocation. */
export const undeliveredRows = async (state: Table): Promise<ReadonlySet<string>> =>
  new Set((await state.list(partition)).value.map(({ row }) => row));

export async function countUndelivered(state: Table): Promise<Undelivered> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  return { notices: read.length, unreadable: unreadable.length };
}

/** Sends every parked notice again; sent first, so that a crash repeats and loses nothing. What another version parked stays. Returns their numbers. */
export async function resendNotices(state: Table, notices: Queue): Promise<Undelivered> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  for (const { row, content } of read) {
    const { principalId, key } = content;
    await notices.send(noticeMessage({ principalId, key, tries: 0 }), 0);
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      // Parked anew meanwhile: then it stays parked.
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
  return { notices: read.length, unreadable: unreadable.length };
}
