import { z } from "zod";
import { minute, second } from "../base/clock.ts";
import { parseRowKey, rowKey } from "../base/keys.ts";
import { parseRows, StorageConflictError, type Table } from "../storage/table.ts";

/** The stored record of one subscription. Only `keepSubscriptions` writes it, under its lease. Times are Graph's, epoch milliseconds. */
export interface SubscriptionRecord {
  readonly resource: string;
  readonly changeType: string;
  readonly source: Source;
  readonly groupId: string | null;
  /** Graph's id; null while the subscription does not exist. */
  readonly id: string | null;
  /** Nonce and mark of the client state: see `authenticate.ts`. */
  readonly nonce: string;
  readonly mark: string;
  readonly notificationUrl: string;
  readonly lifecycleUrl: string;
  readonly expiresAt: number | null;
  /** When it was created or last renewed. */
  readonly renewedAt: number | null;
  readonly tenantId: string | null;
  /** Our own client id, as Graph returned it. */
  readonly applicationId: string | null;
  /** The last failure; null since a success. `unsupported`: Graph does not offer the resource. */
  readonly failure: Failure | null;
  /** Time before which it is not tried again; null = at once. */
  readonly tryAt: number | null;
}

export interface Failure {
  readonly unsupported: boolean;
  readonly code: string;
  /** The meaning of the code in our words; may be empty. */
  readonly reason: string;
  readonly at: number;
  /** Failures in a row. */
  readonly count: number;
}

const partition = "subscriptions";
const text = z.string();
const time = z.number().nullable();

/** What a status means when Graph refuses a subscription (for the quota: Graph docs: change notifications overview). */
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

/** The stored reason if the wording is ours, else an empty string: older versions stored Graph's wording. */
const onlyOurs = (reason: string): string => (ours.has(reason) ? reason : "");

/** The signal sources that subscriptions serve, by which health is shown. */
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
  /** Resources of the rows that another version wrote. */
  readonly unreadable: readonly string[];
}

/** Loads all stored subscriptions. @throws the errors of storage */
export async function loadStoredSubscriptions(state: Table): Promise<StoredSubscriptions> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  return {
    records: new Map(read.map(({ content }) => [content.resource, content])),
    unreadable: unreadable.map(({ row }) => parseRowKey(row)?.join("|") ?? row),
  };
}

/** Loads the subscriptions that this version can read, by resource. @throws the errors of storage */
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
    // Another instance wrote first.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

/** Why Graph refused or failed. `status` undefined: no answer. */
interface Refusal {
  readonly status?: number | undefined;
  readonly code: string;
}

/**
 * The record after a failure at `now`, Graph's time. Any refusal of a probe counts as "not offered", since Graph documents no error for that: the
 * probe is tried again once a day. Other subscriptions are tried again soon, then less and less often. Pure.
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

/** Whether this failure is new: an alarm has not been raised for its code yet. */
export const isNews = (before: SubscriptionRecord | null, { failure }: SubscriptionRecord): boolean =>
  failure !== null && before?.failure?.code !== failure.code;

/** Why Graph refused a subscription, in our words; empty where the code suffices. Graph's own text is not stored, since it may name a person. */
export const refusalReason = (status: number | undefined): string => byStatus.get(status ?? 0) ?? "";

/** All waiting times for keeping subscriptions, in milliseconds. */
export const subscriptionTimings = {
  /** Between two comparisons of existing and wanted subscriptions. */
  keepEvery: 30 * second,
  /** One run works for at most this long, under a lease (storage's time) that is longer. */
  runFor: 60 * second,
  leaseFor: 2 * minute,
  /**
   * Far below the lifetime: delivery also needs an access token that Graph captured at creation, valid for about an hour, and a PATCH refreshes it
   * (Graph docs: subscription lifecycle events). Waiting for Graph's request to reauthorize is not enough, since that may get lost.
   */
  renewEvery: 45 * minute,
  /** A renewal that Graph requests is not repeated sooner, however often Graph requests it. */
  renewAskedEvery: minute,
  /** Graph's list may not show a new subscription for this long. */
  listedWithin: 2 * minute,
  /** After a failure: the first wait, doubled each time up to the longest. */
  retryFirst: minute,
  retryLongest: 60 * minute,
  /** Between two tries to subscribe to a resource that Graph does not offer. */
  probeEvery: 24 * 60 * minute,
} as const;
export type SubscriptionTimings = { readonly [name in keyof typeof subscriptionTimings]: number };

/** Whether Graph does not document this resource as subscribable. The app tries it all the same, in case Graph offers it one day. */
export const isProbe = (source: Source): boolean => source !== "groups";
