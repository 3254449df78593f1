import type { PrincipalState } from "../assignments/principal-state.ts";
import { samePrivilege } from "../assignments/privilege.ts";
import { isOfInherited } from "../assignments/watch-inherited.ts";
import { isRole, type Obligation, pending, type RoleObligation } from "../revocation/obligation.ts";
import { rowKey } from "../storage/document-keys.ts";
import type { GroupEnd, Member } from "./group-state.ts";

/** The obligation of one member that follows from an end of the group. Committing it twice is one obligation. */
export const toObligation = (end: GroupEnd, member: Pick<Member, "access" | "firstSeen">): Obligation => ({
  ...end,
  key: obligationKey(end, member),
  // Not known here: the member's first look fills it in.
  sessionsValidFromBefore: null,
  progress: pending,
});

/** The same for the end of the group's role and for the end of the membership, so that both at once are one obligation. */
const obligationKey = (
  { key, through }: GroupEnd,
  { access, firstSeen }: Pick<Member, "access" | "firstSeen">,
): string => rowKey("via", through?.groupId ?? "", access, String(firstSeen), key);

/**
 * A member's state with what is owed added. `wakeAt` is storage's time of the member's next look. The paths that ended with it need no
 * watching of their own any more, and an end that the member's own look has found first counts. Pure.
 */
export function addOwed(state: PrincipalState, owed: readonly Obligation[], wakeAt: number): PrincipalState {
  const known = [...state.obligations.values()];
  const added = owed
    .filter(({ key }) => !state.obligations.has(key))
    .filter((obligation) => !isKnown(obligation, known));
  if (added.length === 0) return state;
  const { head } = state;
  const foundAt = Math.min(...added.map((obligation) => obligation.foundAt));
  return {
    ...state,
    head: {
      ...head,
      openSince: Math.min(head.openSince ?? foundAt, foundAt),
      wakeAt: Math.min(head.wakeAt ?? wakeAt, wakeAt),
    },
    watches: new Map([...state.watches].filter(([, watch]) => !added.some((end) => isPath(watch, end)))),
    obligations: new Map([...state.obligations, ...added.map((end): [string, Obligation] => [end.key, end])]),
  };
}

type Watched = PrincipalState["watches"] extends ReadonlyMap<string, infer W> ? W : never;

const isPath = ({ source, groupId, ...role }: Watched, end: Obligation): boolean =>
  isRole(end) &&
  samePrivilege(role, end) &&
  (source === "inherited" || (source === "groupPath" && groupId === end.through?.groupId));

/** Milliseconds between two findings of one end: the member's own look and the group's, when neither was held up. */
const sameEndWithin = 120_000;

/**
 * Whether the member's own look found the end that the group found later: after its last answer that showed it, however long ago. Of a role
 * only if it is the very assignment: one that was made again meanwhile has another start.
 */
function isSameEnd({ cutOff, startDateTime }: RoleObligation, end: Obligation): boolean {
  const isTheVery = end.through?.ended === "access" || (startDateTime !== null && startDateTime === end.startDateTime);
  const since = isTheVery ? (end.shownAt ?? end.cutOff) : end.cutOff;
  return cutOff <= end.cutOff + sameEndWithin && cutOff >= Math.min(since, end.cutOff - sameEndWithin);
}

const isKnown = (end: Obligation, known: readonly Obligation[]): boolean =>
  isRole(end) &&
  known.some(
    (other): other is RoleObligation =>
      isRole(other) &&
      (isThroughIt(other, end) || isOfInherited(other)) &&
      samePrivilege(other, end) &&
      isSameEnd(other, end),
  );

const isThroughIt = ({ through }: Obligation, end: Obligation): boolean =>
  through?.ended === "either" && through.groupId === end.through?.groupId;
