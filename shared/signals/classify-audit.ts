import { instantMs } from "../graph/instant.ts";
import { activityNamed, type EndReason } from "./audit-activities.ts";
import type { AuditRecord } from "./audit-record.ts";
import {
  type AuditPrincipal,
  type PrincipalType,
  pimRoles,
  principalsAmong,
  removedRoles,
  scheduleOf,
} from "./audit-targets.ts";
import { elevatedUser, elevationCategory } from "./elevation.ts";

interface End {
  /** `directory`: Core Directory tells that it is gone. `pim`: PIM tells why, some seconds later. */
  readonly toldBy: "directory" | "pim";
  readonly reason: EndReason;
  /** Epoch milliseconds of `activityDateTime`, rounded down. */
  readonly at: number;
  readonly principalId: string;
  readonly principalType: PrincipalType;
  /** The PIM schedule that ended; null when not told. */
  readonly scheduleId: string | null;
  /** Ids of the rows that tell of it. */
  readonly rowIds: readonly string[];
}

/** A directory role ended. Rows do not tell the scope: it may be any. */
export interface RoleEnd extends End {
  readonly kind: "roleEnd";
  readonly roleDefinitionId: string;
}

/** A membership or ownership of a group ended. */
export interface GroupEnd extends End {
  readonly kind: "groupEnd";
  readonly groupId: string;
  /** Null when not told. */
  readonly accessId: "member" | "owner" | null;
}

export type PrivilegeEnd = RoleEnd | GroupEnd;

export type Classification =
  | PrivilegeEnd
  /** Something ended, but not exactly one principal and one privilege are named. The candidates are worth a look, no more. */
  | { readonly kind: "unclearEnd"; readonly candidateIds: readonly string[] }
  | {
      readonly kind: "activation";
      readonly stage: "requested" | "approved" | "completed";
      readonly principalIds: readonly string[];
    }
  /** `userIds`: the users it was done to, never who did it. */
  | { readonly kind: "userLifecycle" | "securityEvent"; readonly activity: string; readonly userIds: readonly string[] }
  /** `userId`: who is elevated, or is no longer. */
  | { readonly kind: "elevation"; readonly elevated: boolean; readonly userId: string }
  | { readonly kind: "request" | "eligibility" | "lookAlike" | "ownTrace" }
  /** A known activity that did not succeed: nothing happened. */
  | { readonly kind: "notSuccessful" }
  /** The name of an end or activation, but from another service or for another plane, e.g. Azure resources. */
  | { readonly kind: "otherPlane" }
  | { readonly kind: "other" };

type Plane = "role" | "group";

const planes: ReadonlyMap<string, Plane> = new Map([
  ["RoleManagement", "role"],
  ["GroupManagement", "group"],
]);
const directoryServices: ReadonlySet<string> = new Set(["Core Directory"]);
/** Real rows have the short name, Entra docs: reference-audit-activities the long one. */
const pimServices: ReadonlySet<string> = new Set(["PIM", "Privileged Identity Management"]);

/** What one audit record means: by its exact activity, result, category, service and the types of its targets. Never by its initiator, but for elevated access. */
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

function roleEnd(record: AuditRecord, toldBy: End["toldBy"], reason: EndReason, roles: readonly string[]) {
  const end = endOf(record, "role", toldBy, reason);
  const [roleDefinitionId, ...more] = roles;
  if (end === undefined || roleDefinitionId === undefined || more.length > 0) return unclear(record);
  return { kind: "roleEnd", ...end, roleDefinitionId } as const;
}

function groupEnd(record: AuditRecord, toldBy: End["toldBy"], reason: EndReason, accessId: GroupEnd["accessId"]) {
  const end = endOf(record, "group", toldBy, reason);
  const [group, ...more] = principalsAmong(record).filter(({ type }) => type === "group");
  if (end === undefined || group === undefined || more.length > 0) return unclear(record);
  return { kind: "groupEnd", ...end, groupId: group.id, accessId } as const;
}

function endOf(record: AuditRecord, plane: Plane, toldBy: End["toldBy"], reason: EndReason): End | undefined {
  const [principal, ...more] = holders(record, plane);
  if (principal === undefined || more.length > 0) return undefined;
  const { id: principalId, type: principalType } = principal;
  const at = instantMs(record.occurredAt);
  return { toldBy, reason, at, principalId, principalType, scheduleId: scheduleOf(record), rowIds: [record.id] };
}

/** In the plane of groups a target of type `Group` is what is held, not who holds it. */
const holders = (record: AuditRecord, plane: Plane): readonly AuditPrincipal[] =>
  principalsAmong(record).filter(({ type }) => plane === "role" || type !== "group");

const unclear = (record: AuditRecord) => ({ kind: "unclearEnd", candidateIds: ids(principalsAmong(record)) }) as const;

const ids = (principals: readonly AuditPrincipal[]): readonly string[] => [...new Set(principals.map(({ id }) => id))];
