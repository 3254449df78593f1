import { z } from "zod";
import { parseRowKey, rowKey } from "../base/keys.ts";
import { parseRows } from "../storage/parse-rows.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";
import { type Source, sources } from "../subscriptions/catalogue.ts";
import { onlyOurs } from "../subscriptions/refusal-words.ts";

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
  /** Our own client id, as Graph tells it. */
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
  readonly words: string;
  readonly at: number;
  /** How many in a row. */
  readonly count: number;
}

const partition = "subscriptions";
const text = z.string();
const time = z.number().nullable();
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
    .object({ unsupported: z.boolean(), code: text, words: text.transform(onlyOurs), at: z.number(), count: z.int() })
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
