import { readObligation } from "../assignments/load-principal.ts";
import { obligationPrefix } from "../assignments/principal-rows.ts";
import type { Clock } from "../clock.ts";
import type { Closed, Obligation } from "../revocation/obligation.ts";
import type { Queue } from "../storage/queue.ts";
import { type Table, unforged } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { type Notice, noticeMessage, parseNotice } from "./notice.ts";
import type { PostWebhook } from "./post.ts";
import { toWebhookMessage } from "./standard.ts";
import { parkNotice } from "./undelivered.ts";

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
  const { obligation, progress } = found;
  const { status, delivered, retryAfter } = await post(
    toWebhookMessage(principalId, obligation, progress, secret, clock.now()),
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
): Promise<{ readonly obligation: Obligation; readonly progress: Closed } | null> {
  const { value } = await principals.get(principalId, obligationPrefix + key);
  // What somebody else wrote is no outcome.
  const row = unforged(value);
  if (row === undefined) return null;
  const obligation = readObligation(row);
  const { progress } = obligation;
  return progress.state === "closed" ? { obligation, progress } : null;
}
