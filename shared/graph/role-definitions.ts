import { z } from "zod";
import { guid } from "./guid.ts";
import { type Listing, readList } from "./pages.ts";
import { endpoints } from "./permissions.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";

/** Milliseconds. Names rarely change, and are only for people to read. */
const FRESH_FOR = 3_600_000;

const roleDefinition = z.object({ id: guid, templateId: guid.nullish(), displayName: z.string() });
const listing: Listing<z.infer<typeof roleDefinition>> = {
  endpoint: endpoints.roleDefinitions,
  row: roleDefinition,
  priority: "low",
};
const PATH = "roleManagement/directory/roleDefinitions?$select=id,templateId,displayName";

/**
 * Display names of roles by lower-case id and template id, read at most once an hour. For people only: nothing may depend on them.
 * @throws GraphRetryableError, GraphPermanentError; the next call reads again
 */
export type RoleNames = () => Promise<ReadonlyMap<string, string>>;

export function createRoleNames(context: ReadContext): RoleNames {
  let cached: { readonly names: ReadonlyMap<string, string>; readonly at: number } | undefined;
  return async () => {
    if (cached && context.clock.monotonic() - cached.at < FRESH_FOR) return cached.names;
    const { value, at } = await readList(context, listing, PATH, new SleepBudget(context.clock));
    const pairs = value.flatMap(({ id, templateId, displayName }) =>
      [id, templateId ?? id].map((key) => [key, displayName] as const),
    );
    cached = { names: new Map(pairs), at };
    return cached.names;
  };
}
