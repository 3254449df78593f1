import { rowKey } from "../base/keys.ts";
import type { GroupEnd, Member } from "../model/group.ts";
import { endHolding, type Holding } from "../model/holding.ts";
import { isRole, type Obligation, pending } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { samePrivilege } from "../model/privilege.ts";
import type { Lag } from "./lag.ts";
import { isKnownLoss, isReportedLoss } from "./one-loss.ts";

/** What one member is owed, and when they should be looked at, Graph's time: spread, so that neither reads nor writes run into a quota. */
export interface Owed {
  readonly principalId: string;
  readonly obligations: readonly Obligation[];
  /** Graph's time when they were first seen in the group. */
  readonly since: number;
  readonly lookAt: number;
}

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
export function addOwed(
  state: PrincipalState,
  { obligations: owed, since }: Omit<Owed, "lookAt">,
  wakeAt: number,
  lag: Lag,
): PrincipalState {
  const known = [...state.obligations.values()];
  const added = owed.filter(
    (end) =>
      !state.obligations.has(end.key) &&
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
  const foundAt = Math.min(...added.map((obligation) => obligation.foundAt));
  return {
    ...state,
    head: {
      ...head,
      openSince: Math.min(head.openSince ?? foundAt, foundAt),
      wakeAt: Math.min(head.wakeAt ?? wakeAt, wakeAt),
    },
    holdings: new Map([...state.holdings].filter(([key]) => !over.has(key))),
    ended: new Map([...state.ended, ...over]),
    obligations: new Map([...state.obligations, ...added.map((end): [string, Obligation] => [end.key, end])]),
  };
}

const isPath = (holding: Holding, end: Obligation): boolean =>
  isRole(end) && samePrivilege(holding, end) && holding.group?.groupId === end.through?.groupId;
