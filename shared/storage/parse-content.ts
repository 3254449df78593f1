import type { z } from "zod";
import { redactText } from "../telemetry/redact.ts";
import { StorageRowError } from "./storage-errors.ts";
import type { Row } from "./table.ts";

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
