import { z } from "zod";
import { MAX_BATCH_ITEMS, readBatch } from "./batch.ts";
import { requireGuid } from "./guid.ts";
import { endpoints } from "./permissions.ts";
import { promised } from "./promised.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";

const named = z.object({ displayName: z.string().nullish() });

/**
 * What the directory calls users, or groups, by their ids; whom it does not know is left out. For people to read only: anybody may have chosen them.
 * @throws GraphRetryableError, GraphPermanentError
 */
export async function readDirectoryNames(
  context: ReadContext,
  kind: "user" | "group",
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const endpoint = endpoints[kind];
  const budget = new SleepBudget(context.clock);
  const names = new Map<string, string>();
  for (let from = 0; from < ids.length; from += MAX_BATCH_ITEMS) {
    const part = ids.slice(from, from + MAX_BATCH_ITEMS);
    const items = part.map((id) => {
      const path = `${kind}s/${requireGuid(id, kind === "user" ? "principal" : "group")}?$select=displayName`;
      return { endpoint, method: "GET", path, mayBeMissing: true } as const;
    });
    const { value } = await readBatch(context, items, budget, "low");
    for (const [index, id] of part.entries()) {
      const body = value[index] ?? null;
      const name = body === null ? null : promised(endpoint, named, body).displayName;
      if (name) names.set(id, name);
    }
  }
  return names;
}
