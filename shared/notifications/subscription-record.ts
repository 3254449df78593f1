import { z } from "zod";
import { parseRowKey, rowKey } from "../base/keys.ts";
import { parseRows } from "../storage/rows.ts";
import { StorageConflictError, type Table } from "../storage/table.ts";

/** What we know of one subscription. Only the keeper writes it, under its lease. Times are Graph's, epoch milliseconds. */
export interface SubscriptionRecord {
  readonly resource: string;
  readonly changeType: string;
  readonly source: Source;
  readonly groupId: string | null;
  /** Graph's id; null while there is none. */
  readonly id: string | null;
  /** Of its client state. */
  readonly nonce: string;
  readonly mark: string;
  readonly notificationUrl: string;
  readonly lifecycleUrl: string;
  readonly expiresAt: number | null;
  /** Created, or renewed last. */
  readonly renewedAt: number | null;
  readonly tenantId: string | null;
  /** Our own client id, as Graph gives it. */
  readonly applicationId: string | null;
  /** The last failure since it last worked; `unsupported`: Graph does not offer the resource. */
  readonly failure: Failure | null;
  /** Not asked for again before; null = at once. */
  readonly tryAt: number | null;
}

export interface Failure {
  readonly unsupported: boolean;
  readonly code: string;
  /** What the code means, in our words; may be empty. */
  readonly reason: string;
  readonly at: number;
  /** How many in a row. */
  readonly count: number;
}

const partition = "subscriptions";
const text = z.string();
const time = z.number().nullable();

/** What a status means when Graph refuses a subscription; of the quota: Graph docs: change notifications overview. */
const byStatus: ReadonlyMap<number, string> = new Map([
  [
    400,
    "Graph does not take this subscription: it does not offer the resource, or it could not reach our address to validate it.",
  ],
  [
    403,
    "Graph does not allow this subscription: the app's permission or its quota of subscriptions does not reach so far.",
  ],
  [404, "Graph does not find what is to be subscribed to."],
  [409, "Another subscription stands in its place."],
]);
const ours: ReadonlySet<string> = new Set(byStatus.values());

/** Stored words, unless they are none of ours: older versions stored Graph's. */
const onlyOurs = (reason: string): string => (ours.has(reason) ? reason : "");

/** What a subscription is for, and where its health is shown. */
export const sources = ["groups", "roleAssignmentScheduleInstances", "directoryAudits"] as const;
export type Source = (typeof sources)[number];

const schema = z.object({
  schema: z.literal(1),
  resource: text,
  changeType: text,
  source: z.enum(sources),
  groupId: text.nullable(),
  id: text.nullable(),
  nonce: text,
  mark: text,
  notificationUrl: text,
  lifecycleUrl: text,
  expiresAt: time,
  renewedAt: time,
  tenantId: text.nullable(),
  applicationId: text.nullable(),
  failure: z
    .object({ unsupported: z.boolean(), code: text, reason: text.transform(onlyOurs), at: z.number(), count: z.int() })
    .nullable(),
  tryAt: time,
});

export interface StoredSubscriptions {
  /** By resource. */
  readonly records: ReadonlyMap<string, SubscriptionRecord>;
  /** Resources of those that another version wrote. */
  readonly unreadable: readonly string[];
}

/** All of them. */
export async function loadStoredSubscriptions(state: Table): Promise<StoredSubscriptions> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  return {
    records: new Map(read.map(({ content }) => [content.resource, content])),
    unreadable: unreadable.map(({ row }) => parseRowKey(row)?.join("|") ?? row),
  };
}

/** Those that this version can read, by resource. */
export const loadSubscriptions = async (state: Table): Promise<ReadonlyMap<string, SubscriptionRecord>> =>
  (await loadStoredSubscriptions(state)).records;

export async function saveSubscription(state: Table, record: SubscriptionRecord): Promise<void> {
  const operation = { type: "upsert", row: rowKey(record.resource), content: { schema: 1, ...record } } as const;
  await state.commit(partition, [operation]);
}

export async function forgetSubscription(state: Table, resource: string): Promise<void> {
  const row = rowKey(resource);
  const { value } = await state.get(partition, row);
  if (value === undefined) return;
  try {
    await state.commit(partition, [{ type: "delete", row, etag: value.etag }]);
  } catch (error) {
    // Somebody else was first.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

/** Why Graph did not do what we wanted. `status` undefined: no answer. */
interface Refusal {
  readonly status?: number | undefined;
  readonly code: string;
}

/**
 * The record after a failure at `now`, Graph's time. Of a probe any refusal counts as "not offered", for which Graph documents no error of its
 * own: it is asked again once a day. Everything else is tried again soon, then less and less often. Pure.
 */
export function afterFailure(
  record: SubscriptionRecord,
  { status, code }: Refusal,
  now: number,
  timings: SubscriptionTimings,
): SubscriptionRecord {
  const unsupported = isProbe(record.source) && isRefusal(status);
  const count = (record.failure?.count ?? 0) + 1;
  const wait = unsupported ? timings.probeEvery : Math.min(timings.retryFirst * 2 ** (count - 1), timings.retryLongest);
  const failure: Failure = { unsupported, code, reason: refusalReason(status), at: now, count };
  return { ...record, failure, tryAt: now + wait };
}

const isRefusal = (status: number | undefined): boolean =>
  status !== undefined && status >= 400 && status < 500 && ![401, 408, 409, 429].includes(status);

/** Whether this failure needs a person, and is not the one that was raised already. */
export const isNews = (before: SubscriptionRecord | null, { failure }: SubscriptionRecord): boolean =>
  failure !== null && before?.failure?.code !== failure.code;

/** Why Graph refused a subscription, in our words; empty where the code says it all. Graph's own may name somebody, and a name without quotes looks like any word. */
export const refusalReason = (status: number | undefined): string => byStatus.get(status ?? 0) ?? "";

const second = 1000;
const minute = 60 * second;

/** Every span that keeping subscriptions waits for, in milliseconds. */
export const subscriptionTimings = {
  /** Between two comparisons of what is with what should be. */
  keepEvery: 30 * second,
  /** One run works for at most this long, under a lease (storage's time) that is longer. */
  runFor: 60 * second,
  leaseFor: 2 * minute,
  /**
   * Far below the lifetime: delivery also hangs on an access token that Graph captured at creation, good for about an hour, and a PATCH
   * refreshes it (Graph docs: subscription lifecycle events). Waiting to be asked is not enough, since a question may get lost.
   */
  renewEvery: 45 * minute,
  /** A renewal that Graph asks for is not repeated sooner, however often it asks. */
  renewAskedEvery: minute,
  /** A list may not show yet what was just created. */
  listedWithin: 2 * minute,
  /** After a failure: the first wait, doubled each time up to the longest. */
  retryFirst: minute,
  retryLongest: 60 * minute,
  /** How often Graph is asked again for what it does not offer. */
  probeEvery: 24 * 60 * minute,
} as const;
export type SubscriptionTimings = { readonly [name in keyof typeof subscriptionTimings]: number };

/** Graph does not document these as subscribable: they are asked for all the same, for the day it offers them. */
export const isProbe = (source: Source): boolean => source !== "groups";
