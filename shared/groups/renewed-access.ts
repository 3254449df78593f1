import type { PrincipalState } from "../assignments/principal-state.ts";
import type { Timings } from "../assignments/timings.ts";
import type { AccessId, GroupAccess } from "../graph/group-graph.ts";
import { instantMs } from "../graph/instant.ts";
import { isRole, isRule, type Obligation } from "../revocation/obligation.ts";

/** Whether PIM for Groups must be asked if somebody is back in a group: only an activation tells that apart from a replica's lag. */
export function needsAccess({ obligations }: PrincipalState, date: number, { ghostFor }: Timings): boolean {
  return [...obligations.values()].some(
    ({ through, progress, cutOff }) =>
      through !== undefined && through.ended !== "role" && (progress.state === "pending" || date - cutOff < ghostFor),
  );
}

/** Whether the place in the group through which the privilege was held was taken again, by an activation that began at or after the end. */
export function isRenewed(obligation: Obligation, access: readonly GroupAccess[]): boolean {
  const { through, planned, endDateTime, cutOff } = obligation;
  if (through === undefined || through.ended === "role" || isRule(obligation)) return false;
  const wanted: AccessId = isRole(obligation) ? "member" : obligation.access;
  const from = planned && endDateTime !== null ? instantMs(endDateTime) : cutOff;
  return access.some(
    (row) =>
      row.groupId === through.groupId &&
      row.access === wanted &&
      row.activated &&
      row.startDateTime !== null &&
      instantMs(row.startDateTime) >= from,
  );
}

/** The state with every pending end closed whose place in the group was taken again. The group watches the new one. Pure. */
export function supersede(state: PrincipalState, access: readonly GroupAccess[], date: number): PrincipalState {
  const renewed = [...state.obligations.values()].filter(
    (obligation) =>
      obligation.progress.state === "pending" &&
      obligation.through?.ended === "access" &&
      isRenewed(obligation, access),
  );
  if (renewed.length === 0) return state;
  const obligations = new Map(state.obligations);
  for (const obligation of renewed) {
    obligations.set(obligation.key, {
      ...obligation,
      progress: {
        state: "closed",
        outcome: "superseded",
        closedAt: date,
        acceptedAt: null,
        verified: false,
        detail: null,
      },
    });
  }
  return { ...state, obligations };
}
