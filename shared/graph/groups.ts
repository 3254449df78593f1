import { z } from "zod";
import { readBatch } from "./batch.ts";
import type { Dated } from "./graph.ts";
import type { GroupReading } from "./group-graph.ts";
import { guid, requireGuid } from "./guid.ts";
import { type Listing, readList } from "./pages.ts";
import { endpoints } from "./permissions.ts";
import { promised, unexpectedAnswer } from "./promised.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";

export const groupRow = z.object({
  id: guid,
  isAssignableToRole: z.boolean().nullish(),
  visibility: z.string().nullish(),
});

/** In a `$batch` of one, because there a 404 is an answer. @throws GraphRetryableError, GraphPermanentError */
export async function readGroup(context: ReadContext, groupId: string): Promise<Dated<GroupReading | null>> {
  const id = requireGuid(groupId, "group");
  const path = `groups/${id}?$select=id,isAssignableToRole,securityEnabled`;
  const item = { endpoint: endpoints.group, method: "GET", path, mayBeMissing: true } as const;
  const { value, date, at } = await readBatch(context, [item], new SleepBudget(context.clock));
  if (value[0] === null) return { value: null, date, at };
  const found = promised(endpoints.group, groupRow, value[0]);
  if (found.id !== id) throw unexpectedAnswer(endpoints.group, "id");
  return { value: { id, assignableToRole: found.isAssignableToRole ?? false }, date, at };
}

const assignable: Listing<z.infer<typeof groupRow>> = { endpoint: endpoints.groups, row: groupRow, priority: "low" };

/** Low priority: it only says which groups to look at. @throws GraphRetryableError, GraphPermanentError */
export async function listAssignableGroups(context: ReadContext): Promise<Dated<readonly string[]>> {
  const path = "groups?$filter=isAssignableToRole%20eq%20true&$select=id,isAssignableToRole&$top=999";
  const { value, ...dated } = await readList(context, assignable, path, new SleepBudget(context.clock));
  return { ...dated, value: value.map(({ id }) => id) };
}
