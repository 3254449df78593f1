import { z } from "zod";
import type { RecipientKind } from "../settings/settings.ts";
import { readBatch } from "./batch.ts";
import type { Dated } from "./graph.ts";
import { requireGuid } from "./guid.ts";
import { endpoints } from "./permissions.ts";
import { promised } from "./promised.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";

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
