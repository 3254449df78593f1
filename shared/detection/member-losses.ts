import { rowKey } from "../base/keys.ts";
import type { GroupEnd, Member } from "../model/group.ts";
import { endHolding, type Holding } from "../model/holding.ts";
import { isRole, type PendingRevocation, pending } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { samePrivilege } from "../model/privilege.ts";
import type { Lag } from "./lag.ts";
import { isKnownLoss, isReportedLoss } from "./one-loss.ts";

/** One member's losses. `passAt`: Graph's time of the member's next pass; members' passes are spread to stay within Graph's quotas. */
export interface MemberLosses {
  readonly principalId: string;
  readonly revocations: readonly PendingRevocation[];
  /** Graph's time when the member was first seen in the group. */
  readonly since: number;
  readonly passAt: number;
}

/** The pending revocation that a group's end causes for one member. Committing it twice makes one pending revocation. */
export const toRevocation = (end: GroupEnd, member: Pick<Member, "access" | "firstSeen">): PendingRevocation => ({
  ...end,
  key: revocationKey(end, member),
  seenSince: Math.max(end.seenSince ?? 0, member.firstSeen),
  // Not known here: the member's first pass fills it in.
  sessionsValidFromBefore: null,
  progress: pending,
});

/** The same key for the end of the group's role and of the membership, so that both at once make one pending revocation. */
const revocationKey = (
  { key, through }: GroupEnd,
  { access, firstSeen }: Pick<Member, "access" | "firstSeen">,
): string => rowKey("via", through?.groupId ?? "", access, String(firstSeen), key);

/**
 * A member's state with the losses added, except those that the member's own pass has already found. Holdings through the lost group paths end with
 * them. `wakeAt`: storage's time of the member's next pass. Pure.
 */
export function addLosses(
  state: PrincipalState,
  { revocations: losses, since }: Omit<MemberLosses, "passAt">,
  wakeAt: number,
  lag: Lag,
): PrincipalState {
  const known = [...state.revocations.values()];
  const added = losses.filter(
    (end) =>
      !state.revocations.has(end.key) &&
      !(isRole(end) && isKnownLoss(end, since, known, lag)) &&
      !isReportedLoss(end, known, lag),
  );
  if (added.length === 0) return state;
  const { head } = state;
  const over = new Map(
    [...state.holdings.values()].flatMap((holding) => {
      const end = added.find((one) => isPath(holding, one));
      return end === undefined ? [] : [[holding.key, endHolding(holding, end.cutOff, "group")] as const];
    }),
  );
  const foundAt = Math.min(...added.map((revocation) => revocation.foundAt));
  return {
    ...state,
    head: {
      ...head,
      openSince: Math.min(head.openSince ?? foundAt, foundAt),
      wakeAt: Math.min(head.wakeAt ?? wakeAt, wakeAt),
    },
    holdings: new Map([...state.holdings].filter(([key]) => !over.has(key))),
    ended: new Map([...state.ended, ...over]),
    revocations: new Map([...state.revocations, ...added.map((end): [string, PendingRevocation] => [end.key, end])]),
  };
}

const isPath = (holding: Holding, end: PendingRevocation): boolean =>
  isRole(end) && samePrivilege(holding, end) && holding.group?.groupId === end.through?.groupId;
