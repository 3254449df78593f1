import { z } from "zod";
import type { RecipientKind } from "../settings/settings.ts";
import { type BatchItem, MAX_BATCH_ITEMS, readBatch } from "./batch.ts";
import type { Dated } from "./graph.ts";
import { groupRow, holderIds, members, noteVisibility, refuseHidden } from "./groups.ts";
import { guid, requireGuid } from "./instants-and-ids.ts";
import { promised, unexpectedAnswer } from "./pace.ts";
import { endpoints } from "./permissions.ts";
import { beginningAnew, type Listing, laterPages, type ReadContext, readList, SleepBudget } from "./read.ts";

export interface Recipients {
  /** The user's display name: untrusted; null when there is none. */
  readonly name: string | null;
  /** The addresses in the directory, unchecked; may be empty. */
  readonly addresses: readonly string[];
}

const person = z.object({
  displayName: z.string().nullish(),
  mail: z.string().nullish(),
  otherMails: z.array(z.string()).nullish(),
});

/**
 * The recipients of a mail about a user. `User.Read.All` is enough for all of it (Graph docs: user-get, user-list-manager).
 * @throws GraphRetryableError, GraphPermanentError
 */
export async function readRecipients(
  context: ReadContext,
  userId: string,
  kind: RecipientKind,
): Promise<Dated<Recipients>> {
  const id = requireGuid(userId, "principal");
  const user = `users/${id}?$select=displayName,mail,otherMails`;
  const manager = `users/${id}/manager?$select=displayName,mail`;
  const items = [
    { endpoint: endpoints.user, method: "GET", path: user, mayBeMissing: true },
    ...(kind === "manager"
      ? [{ endpoint: endpoints.manager, method: "GET" as const, path: manager, mayBeMissing: true }]
      : []),
  ] as const;
  const { value, date, at } = await readBatch(context, items, new SleepBudget(context.clock));
  const [self = null, above = null] = value;
  if (self === null) return { value: { name: null, addresses: [] }, date, at };
  const { displayName, mail, otherMails } = promised(endpoints.user, person, self);
  const addresses =
    kind === "otherMails"
      ? (otherMails ?? [])
      : [kind === "mail" ? mail : above && promised(endpoints.manager, person, above).mail];
  return {
    value: { name: displayName ?? null, addresses: addresses.filter((address) => typeof address === "string") },
    date,
    at,
  };
}

const named = z.object({ displayName: z.string().nullish() });

export interface DisplayNames {
  readonly user: string | null;
  readonly group: string | null;
}

/** The display names of a user, and of a group if given: untrusted, only for people to read. @throws GraphRetryableError, GraphPermanentError */
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

/**
 * The display names of users, or of groups, by id; unknown ids are left out. Untrusted, only for people to read.
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

/** The object behind an id in a list of principals. */
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
 * The object behind each of these ids now, with its members if it is a group; in the order of the ids. The date is the first answer's.
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
    // If the group exists, so must its list of members: a missing list does not mean that it is empty.
    if (group.id !== id || firstPage === null) throw unexpectedAnswer(endpoints.group, "id");
    noteVisibility(context, id, group.visibility);
    const rows = await laterPages(context, members, firstPage, budget);
    // A hidden membership must not count as empty: the setting that names this group would then apply to no user.
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

/** Milliseconds that names of roles are kept. They rarely change, and are only for people to read. */
const FRESH_FOR = 3_600_000;

const roleDefinition = z.object({ id: guid, templateId: guid.nullish(), displayName: z.string() });
const listing: Listing<z.infer<typeof roleDefinition>> = {
  endpoint: endpoints.roleDefinitions,
  row: roleDefinition,
  priority: "low",
};
const PATH = "roleManagement/directory/roleDefinitions?$select=id,templateId,displayName";

/**
 * Display names of roles by lower-case id and template id, read at most once an hour. Only for people to read: no decision may depend on them.
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
