import { z } from "zod";
import { type BatchItem, MAX_BATCH_ITEMS, readBatch } from "./batch.ts";
import type { Dated } from "./graph.ts";
import { groupRow, holderIds, members } from "./groups.ts";
import { noteVisibility, refuseHidden } from "./hidden-groups.ts";
import { guid, requireGuid } from "./instants-and-ids.ts";
import { promised, unexpectedAnswer } from "./pace.ts";
import { endpoints } from "./permissions.ts";
import { beginningAnew, type Listing, laterPages, type ReadContext, readList, SleepBudget } from "./read.ts";

/** What an object id in a list of principals stands for. */
export type ListedPrincipal =
  | { readonly id: string; readonly kind: "user" }
  | {
      readonly id: string;
      readonly kind: "group";
      readonly assignableToRole: boolean;
      readonly members: readonly string[];
    }
  /** Graph knows neither a user nor a group by this id: deleted, misspelt, or not yet replicated. */
  | { readonly id: string; readonly kind: "unknown" };

const itemsPerId = 3;
const idsPerBatch = Math.floor(MAX_BATCH_ITEMS / itemsPerId);
const user = z.object({ id: guid });

/**
 * What each of these object ids is now, and who is in it if it is a group; in their order. The date is the first answer's.
 * @throws GraphRetryableError, GraphPermanentError
 */
export async function readListed(
  context: ReadContext,
  ids: readonly string[],
): Promise<Dated<readonly ListedPrincipal[]>> {
  const wanted = ids.map((id) => requireGuid(id, "principal"));
  return beginningAnew(() => readListedOnce(context, wanted));
}

async function readListedOnce(
  context: ReadContext,
  wanted: readonly string[],
): Promise<Dated<readonly ListedPrincipal[]>> {
  const budget = new SleepBudget(context.clock);
  const found: ListedPrincipal[] = [];
  const times: Pick<Dated<unknown>, "date" | "at">[] = [];
  for (let from = 0; from < wanted.length; from += idsPerBatch) {
    const part = wanted.slice(from, from + idsPerBatch);
    const { value, date, at } = await readBatch(context, part.flatMap(itemsOf), budget);
    times.push({ date, at });
    for (const [index, id] of part.entries()) {
      const [asGroup, asUser, firstPage] = value.slice(index * itemsPerId, (index + 1) * itemsPerId);
      found.push(await toListed(context, { id, asGroup, asUser, firstPage }, budget));
    }
  }
  const { date, at } = times[0] ?? { date: context.clock.now(), at: context.clock.monotonic() };
  return { value: found, date, at };
}

const itemsOf = (id: string): readonly BatchItem[] => [
  {
    endpoint: endpoints.group,
    method: "GET",
    path: `groups/${id}?$select=id,isAssignableToRole,visibility`,
    mayBeMissing: true,
  },
  { endpoint: endpoints.user, method: "GET", path: `users/${id}?$select=id`, mayBeMissing: true },
  {
    endpoint: endpoints.groupMembers,
    method: "GET",
    path: `groups/${id}/transitiveMembers?$select=id&$top=999`,
    mayBeMissing: true,
  },
];

interface Bodies {
  readonly id: string;
  readonly asGroup: unknown;
  readonly asUser: unknown;
  readonly firstPage: unknown;
}

async function toListed(
  context: ReadContext,
  { id, asGroup, asUser, firstPage }: Bodies,
  budget: SleepBudget,
): Promise<ListedPrincipal> {
  if (asGroup !== null) {
    const group = promised(endpoints.group, groupRow, asGroup);
    // A group that is there and has no list of members is no group without members.
    if (group.id !== id || firstPage === null) throw unexpectedAnswer(endpoints.group, "id");
    noteVisibility(context, id, group.visibility);
    const rows = await laterPages(context, members, firstPage, budget);
    // Read as empty it would exempt, or include, nobody.
    if (rows.length === 0) await refuseHidden(context, id, budget);
    return {
      id,
      kind: "group",
      assignableToRole: group.isAssignableToRole ?? false,
      members: holderIds(rows).toSorted(),
    };
  }
  if (asUser === null) return { id, kind: "unknown" };
  if (promised(endpoints.user, user, asUser).id !== id) throw unexpectedAnswer(endpoints.user, "id");
  return { id, kind: "user" };
}

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
