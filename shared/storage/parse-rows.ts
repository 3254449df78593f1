import type { z } from "zod";
import { parseContent } from "./parse-content.ts";
import { StorageRowError } from "./storage-errors.ts";
import { isForged, type Row } from "./table.ts";

export interface ParsedRows<T> {
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
