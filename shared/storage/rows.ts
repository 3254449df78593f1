import { z } from "zod";
import type { GraphTime, StorageTime } from "../base/clock.ts";
import { redactText } from "../telemetry/redact.ts";
import { isForged, type Row, StorageRowError } from "./table.ts";

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
    // Whoever writes to the account names its rows, and fields within them.
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

interface ParsedRows<T> {
  readonly read: readonly { readonly row: Row; readonly content: T }[];
  /** Of another version, or nobody's: left as they are. */
  readonly unreadable: readonly Row[];
}

/** Each row by itself: one that this version cannot read holds up no other. Forged ones count as not stored. */
export function parseRows<T extends { schema: number }>(
  rows: readonly Row[],
  schema: z.ZodType<T>,
): ParsedRows<Omit<T, "schema">> {
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

/**
 * How a JSON document lies in a table entity: in `content`, and what does not fit there in `content1`, `content2`, ...
 * because one string property holds at most 64 KiB of UTF-16 (Azure docs: Understanding the Table service data model).
 */

const maxPropertyLength = 32 * 1024;

/** Properties of an entity that hold the document. */
export type ContentProperties = Readonly<Record<string, string>>;

/** @throws TypeError when the document has no JSON form (undefined, a function, a bigint, a cycle). */
export function toProperties(content: unknown): ContentProperties {
  const json: string | undefined = JSON.stringify(content);
  if (json === undefined) throw new TypeError("A row's content must be a JSON document.");
  return Object.fromEntries(split(json).map((text, index) => [propertyName(index), text]));
}

/**
 * The document of a stored entity, parsed; undefined when there is none or it is not JSON.
 * One foreign row must not make a whole list unreadable, so it is left to the row's owner to refuse it.
 */
export function fromProperties(entity: Readonly<Record<string, unknown>>): unknown {
  let json = "";
  for (let index = 0; ; index += 1) {
    const text = entity[propertyName(index)];
    if (typeof text !== "string") break;
    json += text;
  }
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const propertyName = (index: number): string => (index === 0 ? "content" : `content${index}`);

/** Never between the two halves of a surrogate pair: alone, each half would become U+FFFD on its way as UTF-8. */
function split(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + maxPropertyLength, text.length);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

/** The words of which the schemas of stored rows are made. What is read from storage and what the core works with are one definition. */
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
