import { activityNamed, type Elevation, type EndReason } from "../base/audit-activities.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import {
  type AuditPrincipal,
  type AuditRecord,
  type PrincipalType,
  pimRoles,
  principalsAmong,
  removedRoles,
  scheduleOf,
} from "./record.ts";

interface End {
  /** `directory`: Core Directory reports the removal. `pim`: PIM reports the reason, some seconds later. */
  readonly reportedBy: "directory" | "pim";
  readonly reason: EndReason;
  /** Epoch milliseconds of `activityDateTime`, rounded down. */
  readonly at: number;
  readonly principalId: string;
  readonly principalType: PrincipalType;
  /** The PIM schedule that ended; null when the row does not name it. */
  readonly scheduleId: string | null;
  /** Ids of the rows that report this end. */
  readonly rowIds: readonly string[];
}

/** A directory role ended. Rows do not name its scope. */
export interface RoleEnd extends End {
  readonly kind: "roleEnd";
  readonly roleDefinitionId: string;
}

/** A membership or ownership of a group ended. */
export interface GroupEnd extends End {
  readonly kind: "groupEnd";
  readonly groupId: string;
  /** Null when the row does not say. */
  readonly accessId: "member" | "owner" | null;
}

export type PrivilegeEnd = RoleEnd | GroupEnd;

type Classification =
  | PrivilegeEnd
  /**
   * A privilege ended, but the row does not name exactly one principal and one privilege. The candidates get a pass, no more. `groupIds`: the groups that
   * a user or another object, e.g. a device, has left.
   */
  | { readonly kind: "unclearEnd"; readonly candidateIds: readonly string[]; readonly groupIds: readonly string[] }
  | {
      readonly kind: "activation";
      readonly stage: "requested" | "approved" | "completed";
      readonly principalIds: readonly string[];
    }
  /** `userIds`: the affected users, never the initiator. */
  | { readonly kind: "userLifecycle" | "securityEvent"; readonly activity: string; readonly userIds: readonly string[] }
  /** `userId`: the user whose elevated access began or ended. */
  | { readonly kind: "elevation"; readonly elevated: boolean; readonly userId: string }
  | { readonly kind: "request" | "eligibility" | "lookAlike" | "ownTrace" }
  /** A known activity that did not succeed, so nothing changed. */
  | { readonly kind: "notSuccessful" }
  /** Named like an end or activation, but from another service or for other resources, e.g. Azure roles. */
  | { readonly kind: "otherPlane" }
  | { readonly kind: "other" };

type Plane = "role" | "group";

const planes: ReadonlyMap<string, Plane> = new Map([
  ["RoleManagement", "role"],
  ["GroupManagement", "group"],
]);
const directoryServices: ReadonlySet<string> = new Set(["Core Directory"]);
/** Rows of real tenants have the short name; Entra docs (reference-audit-activities) give the long one. */
const pimServices: ReadonlySet<string> = new Set(["PIM", "Privileged Identity Management"]);

/** Classifies one audit record by its exact activity, result, category, service and target types. Only for elevated access the initiator counts, too. Pure. */
export function classifyAudit(record: AuditRecord): Classification {
  const activity = activityNamed(record.activity);
  if (activity === undefined) return { kind: "other" };
  if (record.result !== "success") return { kind: "notSuccessful" };
  const plane = planes.get(record.category);
  switch (activity.means) {
    case "pimEnd":
      if (plane === undefined || !pimServices.has(record.service)) return { kind: "otherPlane" };
      return plane === "role"
        ? roleEnd(record, "pim", activity.reason, pimRoles(record))
        : groupEnd(record, "pim", activity.reason, null);
    case "directoryRoleEnd":
      if (plane !== "role" || !directoryServices.has(record.service)) return { kind: "otherPlane" };
      return roleEnd(record, "directory", "unknown", removedRoles(record));
    case "directoryGroupEnd":
      if (plane !== "group" || !directoryServices.has(record.service)) return { kind: "otherPlane" };
      return groupEnd(record, "directory", "unknown", activity.accessId);
    case "activation":
      if (plane === undefined || !pimServices.has(record.service)) return { kind: "otherPlane" };
      return { kind: "activation", stage: activity.stage, principalIds: ids(holders(record, plane)) };
    case "userLifecycle":
    case "securityEvent": {
      const users = principalsAmong(record).filter(({ type }) => type === "user");
      return { kind: activity.means, activity: record.activity, userIds: ids(users) };
    }
    case "elevation": {
      if (record.category !== elevationCategory) return { kind: "otherPlane" };
      const userId = elevatedUser(record, activity.elevated);
      return userId === null ? { kind: "other" } : { kind: "elevation", elevated: activity.elevated, userId };
    }
    case "request":
    case "eligibility":
    case "lookAlike":
    case "ownTrace":
      return { kind: activity.means };
  }
}

function roleEnd(record: AuditRecord, reportedBy: End["reportedBy"], reason: EndReason, roles: readonly string[]) {
  const end = endOf(record, "role", reportedBy, reason);
  const [roleDefinitionId, ...more] = roles;
  if (end === undefined || roleDefinitionId === undefined || more.length > 0) return unclear(record, "role");
  return { kind: "roleEnd", ...end, roleDefinitionId } as const;
}

function groupEnd(
  record: AuditRecord,
  reportedBy: End["reportedBy"],
  reason: EndReason,
  accessId: GroupEnd["accessId"],
) {
  const end = endOf(record, "group", reportedBy, reason);
  const [group, ...more] = principalsAmong(record).filter(({ type }) => type === "group");
  if (end === undefined || group === undefined || more.length > 0) return unclear(record, "group");
  return { kind: "groupEnd", ...end, groupId: group.id, accessId } as const;
}

function endOf(record: AuditRecord, plane: Plane, reportedBy: End["reportedBy"], reason: EndReason): End | undefined {
  const [principal, ...more] = holders(record, plane);
  if (principal === undefined || more.length > 0) return undefined;
  const { id: principalId, type: principalType } = principal;
  const at = instantMs(record.occurredAt);
  return { reportedBy, reason, at, principalId, principalType, scheduleId: scheduleOf(record), rowIds: [record.id] };
}

/** In a row about groups, a target of type `Group` is the privilege, not its holder. */
const holders = (record: AuditRecord, plane: Plane): readonly AuditPrincipal[] =>
  principalsAmong(record).filter(({ type }) => plane === "role" || type !== "group");

function unclear(record: AuditRecord, plane: Plane) {
  const groups = plane === "group" ? principalsAmong(record).filter(({ type }) => type === "group") : [];
  return { kind: "unclearEnd", candidateIds: ids(holders(record, plane)), groupIds: ids(groups) } as const;
}

const ids = (principals: readonly AuditPrincipal[]): readonly string[] => [...new Set(principals.map(({ id }) => id))];

/** The category of both activities (Entra docs: reference-audit-activities), and their service (Azure docs: elevate-access-global-admin). */
export const elevationCategory = "AzureRBACRoleManagementElevateAccess";
export const elevationService = "Azure RBAC (Elevated Access)";

/**
 * The user of a row about elevated access. Only the caller can be elevated (Azure docs: elevate-access-global-admin). No document says whether a removal's
 * row names the user as a target. If it names one, that user counts, else the initiator; in all rows seen so far users removed their own access.
 */
function elevatedUser(record: AuditRecord, elevated: boolean): string | null {
  const [user, ...more] = principalsAmong(record).filter(({ type }) => type === "user");
  const named = more.length === 0 ? (user?.id ?? null) : null;
  return elevated ? (record.initiatorId ?? named) : (named ?? record.initiatorId);
}

/** The change of elevated access that a record reports, as a list of one; empty for any other record. */
export function elevationOf(record: AuditRecord): readonly Elevation[] {
  const verdict = classifyAudit(record);
  if (verdict.kind !== "elevation") return [];
  return [{ userId: verdict.userId, elevated: verdict.elevated, at: instantMs(record.occurredAt) }];
}
