import { z } from "zod";
import type { GraphTime, StorageTime } from "../base/clock.ts";
import { maxKeyLength } from "../base/keys.ts";
import { redactText } from "../telemetry/redact.ts";
import type { EventProperties, Telemetry } from "../telemetry/telemetry.ts";

/** Azure Tables behind a small interface: the SDK implements it for Azure and Azurite, an in-memory twin for the simulation. */

/**
 * The result of checking a row's seal (see `sealed-table.ts`): written by the app; written by the app with the previous secret; not written by
 * the app, or changed; written by the app, but put back long after that.
 */
export type Seal = "valid" | "old" | "broken" | "replayed";

/** A stored entity. Its content is one JSON document: rows are read whole and parsed at the border by their owner. */
export interface Row {
  readonly partition: string;
  readonly row: string;
  readonly etag: string;
  /** Storage's own time of the last write, epoch milliseconds. */
  readonly timestamp: number;
  /** The parsed JSON document, not yet validated; undefined when the stored text is not JSON: the owner of the row refuses this one row. */
  readonly content: unknown;
  /** Absent in a table that is not sealed. */
  readonly seal?: Seal;
}

/** Whether the seal of a row does not hold. Such a row has no content, and nothing may follow from it. */
export const isForged = ({ seal }: Pick<Row, "seal">): boolean => seal === "broken" || seal === "replayed";

/** The row; undefined when it is forged, since a forged row counts as missing. Its etag is still needed to overwrite it. */
export const unforged = (row: Row | undefined): Row | undefined =>
  row === undefined || isForged(row) ? undefined : row;

/**
 * Rows with storage's own time of the answer (its `Date` header, epoch milliseconds in whole seconds; for a list of several pages the
 * first page's): leases are judged by it, never by our clock.
 */
export interface Timed<T> {
  readonly value: T;
  readonly storageTime: number;
}

export type Operation =
  /** Fails with StorageConflictError when the row exists. */
  | { readonly type: "insert"; readonly row: string; readonly content: unknown }
  /** Fails with StorageConflictError unless the row has this etag. */
  | { readonly type: "replace"; readonly row: string; readonly content: unknown; readonly etag: string }
  /** Writes without a condition. Only for state in which the last writer may win. */
  | { readonly type: "upsert"; readonly row: string; readonly content: unknown }
  /** Fails with StorageConflictError unless the row has this etag. */
  | { readonly type: "delete"; readonly row: string; readonly etag: string };

/** Replaces a row if it still has the etag that was read with it. Without an etag no row was read, so the row must not exist yet. */
export const putRow = (row: string, content: unknown, etag: string | null | undefined): Operation =>
  typeof etag === "string" ? { type: "replace", row, content, etag } : { type: "insert", row, content };

/** Entity group transaction limits (Azure docs: Performing entity group transactions). */
export const maxOperations = 100;
export const maxTransactionBytes = 4 * 1024 * 1024;

/**
 * Keys are printable ASCII without `/ \ # ?`, 1 to 512 characters (see `rowKey`), and so are prefixes, which may also be empty;
 * anything else is a StorageLimitError.
 */
export interface Table {
  /** The row, or undefined when there is none. */
  get(partition: string, row: string): Promise<Timed<Row | undefined>>;
  /** All rows of a partition in row-key order, optionally only those whose row key starts with `prefix`. */
  list(partition: string, prefix?: string): Promise<Timed<readonly Row[]>>;
  /** Rows of all partitions whose row key starts with `prefix`, ordered by partition and row key, read page by page. Not a snapshot. */
  scan(prefix: string): AsyncIterable<Row>;
  /**
   * All operations or none, in one partition, at most one operation per row.
   * Returns the new etag per row that was written.
   * @throws StorageConflictError when a condition failed (412, 409, or 404 for a replace or delete); nothing was written.
   * @throws StorageLimitError above 100 operations or 4 MiB, or for a document that does not fit; nothing was sent.
   * @throws StorageUnavailableError when storage did not answer; it may or may not have been applied.
   */
  commit(partition: string, operations: readonly Operation[]): Promise<Timed<ReadonlyMap<string, string>>>;
}

/** The base of every way in which storage can fail. */
abstract class StorageErrorBase extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Another writer changed the row first: nothing was written. Read again and start over. */
export class StorageConflictError extends StorageErrorBase {
  readonly code = "STORAGE_CONFLICT";
}

/** Too large or too many for the service: nothing was sent. Trying again changes nothing. */
export class StorageLimitError extends StorageErrorBase {
  readonly code = "STORAGE_LIMIT";
}

/** Storage did not answer, or with a failure of its own: the write may or may not have been applied. Try again later. */
export class StorageUnavailableError extends StorageErrorBase {
  readonly code: string = "STORAGE_UNAVAILABLE";
}

/** The stored rows are sealed with a secret that the app does not have: nothing was read or written. Until it has the secret, storage counts as unavailable. */
export class StorageSealError extends StorageUnavailableError {
  override readonly code = "STORAGE_SEAL_UNKNOWN";
}

/** The table or queue is missing: somebody deleted it. The next call creates it again. */
export class StorageMissingError extends StorageUnavailableError {}

/** Storage refused the app (401, 403, or a missing table or queue that it may not create): an operator has to act. */
export class StorageRefusedError extends StorageErrorBase {
  readonly code = "STORAGE_REFUSED";
}

/** This version cannot read a stored row. The row is left as it is, and nothing follows from it. */
export class StorageRowError extends StorageErrorBase {
  readonly code = "STORAGE_ROW_UNREADABLE";
  readonly row: string | null;

  /** @param row its key; null where storage returned none */
  constructor(message: string, row: string | null = null) {
    super(message);
    this.row = row;
  }
}

export const isStorageError = (error: unknown): error is StorageErrorBase => error instanceof StorageErrorBase;

// Azure forbids / \ # ? and control characters in keys. No document promises an order of keys beyond ASCII, so other characters are refused as well.
const allowed = /^[ !"$-.0->@-[\]-~]*$/;

/**
 * Checks a partition or row key. `rowKey` of `keys.ts` builds keys that always pass.
 * @throws StorageLimitError when it is empty, too long, or holds a character that Azure forbids or that is not printable ASCII.
 */
export function checkKey(key: string): void {
  if (key.length === 0) throw new StorageLimitError("A table key must not be empty.");
  checkPrefix(key);
}

/** As `checkKey`, for the beginning of a row key: the empty string stands for every row. */
export function checkPrefix(prefix: string): void {
  if (prefix.length > maxKeyLength) {
    throw new StorageLimitError(`A table key has ${prefix.length} characters; at most ${maxKeyLength} fit.`);
  }
  if (!allowed.test(prefix)) {
    throw new StorageLimitError("A table key holds a character that is not allowed: build it with rowKey().");
  }
}

/**
 * Parses the document of a stored row and takes its version mark off.
 * @throws StorageRowError naming the row and the field, never the content. The row is left as it is.
 */
export function parseContent<T extends { schema: number }>(
  { partition, row, content }: Pick<Row, "partition" | "row" | "content">,
  schema: z.ZodType<T>,
): Omit<T, "schema"> {
  const result = schema.safeParse(content);
  if (!result.success) {
    // Any writer to the account can choose the names of rows and fields, so they are cleaned before they are logged.
    const places = result.error.issues.map(
      ({ path, code }) => `${redactText("place", path.join(".") || "content")} (${code})`,
    );
    throw new StorageRowError(
      `Row ${redactText("row", row)} of partition ${redactText("partition", partition)} is not one that this version can read: ` +
        `see ${places.join(", ")}. ` +
        "It is left as it is. Was it written by a newer version?",
      row,
    );
  }
  const { schema: _, ...parsed } = result.data;
  return parsed;
}

/** Parses each row by itself, so that an unreadable row, which is left as it is, does not hold up the others. Forged rows count as missing. */
export function parseRows<T extends { schema: number }>(rows: readonly Row[], schema: z.ZodType<T>) {
  const read: { row: Row; content: Omit<T, "schema"> }[] = [];
  const unreadable: Row[] = [];
  for (const row of rows.filter((row) => !isForged(row))) {
    try {
      read.push({ row, content: parseContent(row, schema) });
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      unreadable.push(row);
    }
  }
  return { read, unreadable };
}

/** The parts that the schemas of stored rows share. The types of the core follow from them, so that stored rows and the core have one definition. */
export const graphTime: z.ZodType<GraphTime> = z.number();
export const storageTime: z.ZodType<StorageTime> = z.number();
export const text = z.string();
export const maybe = <T extends z.ZodType>(type: T) => type.nullable();
export const optional = <T extends z.ZodType>(type: T) => z.exactOptional(type);

/** One role in one scope: see `RolePrivilege`. */
export const rolePrivilege = { roleDefinitionId: text, directoryScopeId: text, appScopeId: text };

/** As it lies in storage. `schema` is raised when a row changes in a way that older code would misread. */
export const stored = <T extends z.core.$ZodLooseShape>(entity: z.ZodObject<T>) =>
  entity.extend({ schema: z.literal(1) });

/** A row whose writers take turns. Its document is null where there is none or it is forged; `save` is false when another was first; it can follow itself. @throws StorageRowError */
export async function loadRow<T extends { schema: number }>(
  table: Table,
  partition: string,
  row: string,
  schema: z.ZodType<T>,
) {
  const { value, storageTime } = await table.get(partition, row);
  const trusted = unforged(value);
  const content = trusted === undefined ? null : parseContent(trusted, schema);
  let last = value?.etag;
  const commit = async (next: object) => {
    const written = await table.commit(partition, [putRow(row, { schema: 1, ...next }, last)]);
    last = written.value.get(row);
  };
  const save = (next: object) => isFirst(commit(next));
  return { content, writtenAt: trusted?.timestamp ?? null, etag: value?.etag ?? null, storageTime, save };
}

/** Resolves to false when another instance wrote first. */
export async function isFirst(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof StorageConflictError) return false;
    throw error;
  }
}

/** Attempts again, with a new reading, while another writer was first: `tries` times at most. @throws StorageConflictError after the last */
export async function retryConflicts<T>(tries: number, attempt: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StorageConflictError) || left <= 1) throw error;
    }
  }
}

/** Resolves to undefined where `work` needs a row that this version cannot read: an alarm with these properties is raised, and the row is left as it is. */
export async function whereReadable<T>(
  properties: EventProperties,
  telemetry: Pick<Telemetry, "alarm">,
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    return raiseUnreadable(error, properties, telemetry);
  }
}

/** The alarm about a row that this version cannot read. @throws every other error */
export function raiseUnreadable(error: unknown, properties: EventProperties, telemetry: Pick<Telemetry, "alarm">) {
  if (!(error instanceof StorageRowError)) throw error;
  telemetry.alarm("rowUnreadable", { ...properties, row: error.row, code: error.code });
  return undefined;
}
