import { z } from "zod";
import { readBatch } from "./batch.ts";
import { GraphPermanentError } from "./errors.ts";
import { promised } from "./pace.ts";
import { endpoints, memberReadHidden } from "./permissions.ts";
import type { ReadContext, SleepBudget } from "./read.ts";

/** Groups of one process; whoever watches more asks anew. */
const mostKnown = 10_000;

const visibilityRow = z.object({ visibility: z.string().nullish() });

/**
 * "To list the members of a hidden membership group, the Member.Read.Hidden permission is required" (Graph docs: group-list-members). Whether such a
 * group then reads as empty or is refused is written nowhere, so neither means anything: nobody has left it.
 * @param id of a group that shows no member, or that was refused
 * @throws GraphPermanentError `hiddenMembership` if it has hidden members that we may not see, and what reading the group throws
 */
export async function refuseHidden(context: ReadContext, id: string, budget: SleepBudget): Promise<void> {
  const { hidden } = context;
  if (!(hidden?.known.get(id) ?? (await readIsHidden(context, id, budget)))) return;
  if (await hidden?.mayRead()) return;
  const { name, appRoleId, feature } = memberReadHidden;
  throw new GraphPermanentError(
    `The membership of this group is hidden, and what Graph shows of it proves nothing. Grant the app's identity the application permission ${name} (${appRoleId}); it is needed for ${feature}. A managed identity may carry its old permissions for up to 24 hours.`,
    { code: "hiddenMembership", status: 403 },
  );
}

async function readIsHidden(context: ReadContext, id: string, budget: SleepBudget): Promise<boolean> {
  const path = `groups/${id}?$select=id,visibility`;
  const item = { endpoint: endpoints.group, method: "GET", path, mayBeMissing: true } as const;
  const { value } = await readBatch(context, [item], budget);
  if (value[0] === null) return false;
  return noteVisibility(context, id, promised(endpoints.group, visibilityRow, value[0]).visibility);
}

/** What Graph says of the group itself: whether its membership is hidden. */
export function noteVisibility({ hidden }: ReadContext, id: string, visibility: string | null | undefined): boolean {
  const isHidden = visibility?.toLowerCase() === "hiddenmembership";
  if (hidden !== undefined && hidden.known.size < mostKnown) hidden.known.set(id, isHidden);
  return isHidden;
}
