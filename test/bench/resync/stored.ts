import { updateSources } from "../../../shared/detection/judge.ts";
import { lag } from "../../../shared/detection/lag.ts";
import type { RoleInstance } from "../../../shared/graph/graph.ts";
import { listedRows, newHolding } from "../../../shared/model/holding.ts";
import { emptyHead, type PrincipalState } from "../../../shared/model/principal.ts";
import { emptyState } from "../../fixtures/principal-builders.ts";

/** What the app has stored of a user with one role, after its first pass at `date`. The bench's first resync shows whether that is so. */
export function stored(row: RoleInstance, date: number): PrincipalState {
  const { endDateTime: end } = row;
  const holding = { ...newHolding(row, date), sources: updateSources([], [row], date, lag) };
  return {
    ...emptyState(row.principalId),
    head: { ...emptyHead, kind: "user", listed: listedRows([row]), wakeAt: end === null ? null : Date.parse(end) },
    holdings: new Map([[holding.key, holding]]),
  };
}
