import { addElevations, globalAdministrator } from "../revocation/elevated-access.ts";
import type { Elevation } from "../signals/audit-activities.ts";
import { isOfPerson, type JudgedEnd } from "./judge-ends.ts";

/** How many ends of Global Administrator found the person elevated, as far as the export tells. */
export function elevatedEnds(ends: readonly JudgedEnd[], elevations: readonly Elevation[]): number {
  const byUser = Map.groupBy(elevations, ({ userId }) => userId);
  return ends.filter((one) => {
    const { end } = one;
    if (end.kind !== "roleEnd" || end.roleDefinitionId !== globalAdministrator || !isOfPerson(one)) return false;
    const until = (byUser.get(end.principalId) ?? []).filter(({ at }) => at <= end.at);
    return addElevations(new Map(), until).get(end.principalId)?.elevated === true;
  }).length;
}
