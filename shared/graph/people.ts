import { z } from "zod";
import type { RecipientKind } from "../settings/settings.ts";
import { type BatchItem, MAX_BATCH_ITEMS, readBatch } from "./batch.ts";
import type { Dated } from "./graph.ts";
import { requireGuid } from "./instants-and-ids.ts";
import { promised } from "./pace.ts";
import { endpoints } from "./permissions.ts";
import { type ReadContext, SleepBudget } from "./read.ts";

export interface Recipients {
  /** What the directory calls the person: untrusted. Null for nobody. */
  readonly name: string | null;
  /** As the directory has them, not checked; none when there are none. */
  readonly addresses: readonly string[];
}

const person = z.object({
  displayName: z.string().nullish(),
  mail: z.string().nullish(),
  otherMails: z.array(z.string()).nullish(),
});

/**
 * To whom a mail about a person goes. `User.Read.All` reads all of it (Graph docs: user-get, user-list-manager).
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
