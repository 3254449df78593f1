import { z } from "zod";
import { isRole, type Obligation } from "../revocation/obligation.ts";
import { isYoung } from "./absence.ts";
import type { Timings } from "./timings.ts";
import type { Watch } from "./watch.ts";

/**
 * What an authenticated source says has ended: memberships of a group, or one role. It waives the second absence of an end that nobody
 * announced, never the first: whatever is still shown stays. So a forged one can do no more than that.
 */
export type Tells =
  | { readonly kind: "group"; readonly groupId: string }
  | {
      readonly kind: "privilege";
      readonly privilegeId: string;
      /** Graph's time of that end, where it is known, epoch milliseconds: what was first seen later is something else. */
      readonly at?: number | undefined;
    };

export const tellsSchema: z.ZodType<Tells> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("group"), groupId: z.guid().toLowerCase() }),
  z.object({ kind: z.literal("privilege"), privilegeId: z.guid().toLowerCase(), at: z.number().optional() }),
]);

/** Milliseconds after an end in which word of it may still come: Graph's audit log is minutes late, and messages are doubled. */
const usedUpFor = 30 * 60_000;

/**
 * Which of a principal's watches need no second absence because of what Graph told. It tells the role but not the assignment: with two of one role
 * it waives nothing, nor when an end of that role was found lately, of which it may be a late copy.
 */
export function waives(
  tells: Tells | undefined,
  watches: readonly Watch[],
  obligations: Iterable<Obligation>,
  date: number,
  timings: Timings,
): (watch: Watch) => boolean {
  if (tells?.kind !== "privilege") return (watch) => names(tells, watch);
  const { privilegeId, at } = tells;
  const [named, another] = watches.filter((watch) => names(tells, watch));
  const isUsedUp = [...obligations].some(
    (other) => isRole(other) && other.roleDefinitionId === privilegeId && date - other.cutOff < usedUpFor,
  );
  if (named === undefined || another !== undefined || isUsedUp) return () => false;
  return (watch) =>
    watch.key === named.key && (at === undefined || watch.firstSeen <= at) && isNameable(watch, timings);
}

/**
 * Whether word of a role's end can be about this watch. It does not tell the scope: of a role that somebody lost in one scope and got in
 * another it names the new one as well, which replicas deny for longer than any other. So a young one needs its second absence all the same.
 */
export const isNameable = ({ absence, firstSeen }: Watch, timings: Timings): boolean =>
  absence !== null && !isYoung({ firstSeen }, absence.since, timings);

/** Whether it names this watch: a role held through the group, or the role by its definition, whatever the scope. */
export const names = (tells: Tells | undefined, { groupId, roleDefinitionId }: Watch): boolean =>
  tells?.kind === "group" ? tells.groupId === groupId : tells?.privilegeId === roleDefinitionId;

/** Whether it is about the memberships and ownerships of this group. */
export const namesMembersOf = (tells: Tells | undefined, groupId: string): boolean =>
  tells?.kind === "group" && tells.groupId === groupId;
