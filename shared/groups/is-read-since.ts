import { headRow, rows } from "../assignments/principal-rows.ts";
import type { Signal } from "../reconcile/messages.ts";
import { parseContent } from "../storage/parse-content.ts";
import type { Table } from "../storage/table.ts";

/** Graph's `Date` is whole seconds, and our estimate of its time is up to one behind. */
const margin = 2000;

/**
 * Whether a group's members have been read since we were told that they changed. So a burst of notifications about one group is one read: the
 * rest of it finds that done.
 */
export async function isReadSince({ principalId, toldAt }: Signal, principals: Table): Promise<boolean> {
  if (toldAt === undefined) return false;
  const { value } = await principals.get(principalId, headRow);
  if (value === undefined) return false;
  const readAt = parseContent(value, rows.head).group?.readAt ?? null;
  return readAt !== null && readAt >= toldAt + margin;
}
