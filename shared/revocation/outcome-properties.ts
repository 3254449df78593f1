import { type Closed, isRole, isRule, type Obligation } from "./obligation.ts";

const iso = (time: number | null | undefined): string | null =>
  time === null || time === undefined ? null : new Date(time).toISOString();

/** Everything an operator may want to know of an end, in ids, words and ISO times of Graph's clock. */
export function endProperties(obligation: Obligation): Readonly<Record<string, string | boolean | null>> {
  const { end, planned, foundBy, startDateTime, endDateTime } = obligation;
  return {
    ...privilegeProperties(obligation),
    kind: kindOf(obligation),
    end,
    planned,
    foundBy,
    startDateTime,
    endDateTime,
    lastHeld: iso(obligation.lastHeld),
    cutOff: iso(obligation.cutOff),
    foundAt: iso(obligation.foundAt),
  };
}

/** The same with what became of it, and what may outlive it. */
export function outcomeProperties(
  obligation: Obligation,
  { outcome, verified, detail, acceptedAt, closedAt, outlives }: Closed,
): Readonly<Record<string, string | boolean | null>> {
  return {
    ...endProperties(obligation),
    outcome,
    verified,
    detail,
    acceptedAt: iso(acceptedAt),
    closedAt: iso(closedAt),
    ...(obligation.elevated === true ? { elevated: true } : {}),
    accessTokensUntil: iso(outlives?.accessTokensUntil),
    caeUntil: iso(outlives?.caeUntil),
  };
}

export function kindOf(obligation: Obligation): "role" | "member" | "owner" | "rule" {
  if (isRule(obligation)) return "rule";
  return isRole(obligation) ? "role" : obligation.access;
}

function privilegeProperties(obligation: Obligation): Readonly<Record<string, string>> {
  const through = obligation.through === undefined ? {} : { groupId: obligation.through.groupId };
  if (isRule(obligation)) return { activity: obligation.activity };
  if (!isRole(obligation)) return { ...through, access: obligation.access };
  const { roleDefinitionId, directoryScopeId } = obligation;
  return { roleDefinitionId, directoryScopeId, ...through };
}
