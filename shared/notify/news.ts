import { isTierZero } from "../assignments/role-order.ts";
import { type Closed, isRole, isRule, type Obligation, type Outcome } from "../revocation/obligation.ts";
import { kindOf } from "../revocation/outcome-properties.ts";
import type { AlarmName } from "../telemetry/event-names.ts";

/** Names as they are when a message is sent: untrusted, and null where they are not shown or could not be read. */
export interface Names {
  readonly user: string | null;
  readonly group: string | null;
  readonly role: string | null;
}
export const noNames: Names = { user: null, group: null, role: null };

/** What a person is told of one outcome. Times are Graph's epoch milliseconds. */
export interface OutcomeNews {
  readonly kind: "outcome";
  readonly principalId: string;
  readonly user: string | null;
  readonly privilege: {
    readonly kind: "role" | "member" | "owner" | "rule";
    /** Of the role or the group; of a rule the activity in the audit log. */
    readonly id: string;
    readonly name: string | null;
    /** Where a role is held, when that is not the whole directory. */
    readonly scope: string | null;
  };
  readonly end: Obligation["end"];
  readonly endedAt: number;
  readonly outcome: Outcome;
  readonly verified: boolean;
  /** Milliseconds from the end to the accepted revoke; null when none was made. */
  readonly revokedAfter: number | null;
  readonly outlives: { readonly accessTokensUntil: number; readonly caeUntil: number } | null;
}

/** What a person is told of an alarm. */
export interface AlarmNews {
  readonly kind: "alarm";
  readonly alarm: AlarmName;
  readonly principalId: string | null;
  /** By this machine's clock. */
  readonly at: number;
}

/** The facts of an outcome that a filter asks for. */
export type FilteredOutcome = { readonly outcome: Outcome; readonly verified: boolean; readonly tierZero: boolean };

/** The facts that people are told. Pure. */
export function outcomeNews(principalId: string, obligation: Obligation, closed: Closed, names: Names): OutcomeNews {
  const { acceptedAt, outlives } = closed;
  return {
    kind: "outcome",
    principalId,
    user: names.user,
    privilege: privilegeOf(obligation, names),
    end: obligation.end,
    endedAt: obligation.cutOff,
    outcome: closed.outcome,
    verified: closed.verified,
    revokedAfter: acceptedAt === null ? null : Math.max(0, acceptedAt - obligation.cutOff),
    outlives: outlives === undefined ? null : outlives,
  };
}

export const filteredOutcome = (obligation: Obligation, { outcome, verified }: Closed): FilteredOutcome => ({
  outcome,
  verified,
  tierZero: isRole(obligation) && isTierZero(obligation.roleDefinitionId),
});

function privilegeOf(obligation: Obligation, { role, group }: Names): OutcomeNews["privilege"] {
  const kind = kindOf(obligation);
  if (isRule(obligation)) return { kind, id: obligation.activity, name: null, scope: null };
  if (!isRole(obligation)) return { kind, id: obligation.through.groupId, name: group, scope: null };
  const { roleDefinitionId, directoryScopeId } = obligation;
  return { kind, id: roleDefinitionId, name: role, scope: directoryScopeId === "/" ? null : directoryScopeId };
}
