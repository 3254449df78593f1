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

interface ParsedRows<T> {
  readonly read: readonly { readonly row: Row; readonly content: T }[];
  /** Rows of another version, or that cannot be read: left as they are. */
  readonly unreadable: readonly Row[];
}

/** Parses each row by itself, so that an unreadable row does not hold up the others. Forged rows count as missing. */
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
