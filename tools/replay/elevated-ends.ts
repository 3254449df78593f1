import type { Elevation } from "../../shared/base/audit-activities.ts";
import { addElevations } from "../../shared/enforcement/elevated-access.ts";
import { globalAdministrator } from "../../shared/model/pending-revocation.ts";
import { isOfPerson, type JudgedEnd } from "./judge-ends.ts";

/** How many ends of Global Administrator found the person elevated, as far as the export shows. */
export function elevatedEnds(ends: readonly JudgedEnd[], elevations: readonly Elevation[]): number {
  const byUser = Map.groupBy(elevations, ({ userId }) => userId);
  return ends.filter((one) => {
    const { end } = one;
    if (end.kind !== "roleEnd" || end.roleDefinitionId !== globalAdministrator || !isOfPerson(one)) return false;
    const until = (byUser.get(end.principalId) ?? []).filter(({ at }) => at <= end.at);
    return addElevations(new Map(), until).get(end.principalId)?.elevated === true;
  }).length;
}
