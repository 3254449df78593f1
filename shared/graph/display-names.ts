import { z } from "zod";
import { type BatchItem, readBatch } from "./batch.ts";
import type { Dated } from "./graph.ts";
import { requireGuid } from "./guid.ts";
import { endpoints } from "./permissions.ts";
import { promised } from "./promised.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";

const named = z.object({ displayName: z.string().nullish() });

export interface DisplayNames {
  readonly user: string | null;
  readonly group: string | null;
}

/** What the directory calls a user, and a group if one is asked for: untrusted, and for people to read. @throws GraphRetryableError, GraphPermanentError */
export async function readDisplayNames(
  context: ReadContext,
  { userId, groupId }: { readonly userId: string; readonly groupId: string | null },
): Promise<Dated<DisplayNames>> {
  const items: BatchItem[] = [
    {
      endpoint: endpoints.user,
      method: "GET",
      path: `users/${requireGuid(userId, "principal")}?$select=displayName`,
      mayBeMissing: true,
    },
  ];
  if (groupId !== null) {
    const path = `groups/${requireGuid(groupId, "group")}?$select=displayName`;
    items.push({ endpoint: endpoints.group, method: "GET", path, mayBeMissing: true });
  }
  const { value, date, at } = await readBatch(context, items, new SleepBudget(context.clock));
  const [user, group] = value;
  const nameOf = (body: unknown, endpoint: (typeof endpoints)["user" | "group"]) =>
    body === null || body === undefined ? null : (promised(endpoint, named, body).displayName ?? null);
  return { value: { user: nameOf(user, endpoints.user), group: nameOf(group, endpoints.group) }, date, at };
}
