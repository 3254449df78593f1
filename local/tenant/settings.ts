import type { AuditSettings } from "./audit/audit-log.ts";
import { defaultNotificationSettings, type NotificationSettings } from "./notifications/notification-settings.ts";
import type { RemovalTiming } from "./pim/assignment.ts";
import type { QuotaLimits } from "./quotas.ts";

/** What the control API can change about how the tenant behaves. */
export interface TenantSettings {
  removal: RemovalTiming;
  /** How long a role must have been active before its holder may deactivate it; 0 turns the rule off. */
  minimumActiveSeconds: number;
  /** Longest page of any list. */
  pageSize: number;
  /** How long the link to the next page works; null: for ever. 0: it has expired when it is used. */
  pageTokenSeconds: number | null;
  /** The application permissions granted to the managed identity. */
  permissions: string[];
  /** False, as in reality: a change of permissions shows in the next app token. True: at once. */
  permissionsApplyAtOnce: boolean;
  appTokenSeconds: number;
  /** Whether the tenant has the licence that Privileged Identity Management needs. */
  licensed: boolean;
  /** How the instance list shows a role that a group holds: as one row, or with another for each member. Not documented. */
  groupRolesListed: "once" | "perMember";
  quotas: QuotaLimits;
  audit: AuditSettings;
  notifications: NotificationSettings;
}

/** Invented: near real time is the goal, up to 15 minutes are possible (Entra docs: concept-continuous-access-evaluation). */
export const caeDelayMs = 300;

/** 0.9 s is the one removal delay that was ever observed; the quotas are those of a tenant under 50 users. */
export function defaultSettings(): TenantSettings {
  return {
    removal: { delayMs: 900, listAfterMs: 0, directoryAfterMs: 0 },
    minimumActiveSeconds: 300,
    pageSize: 999,
    pageTokenSeconds: null,
    permissions: [
      "User.RevokeSessions.All",
      "RoleManagement.Read.Directory",
      "User.Read.All",
      "PrivilegedAssignmentSchedule.Read.AzureADGroup",
      "AuditLog.Read.All",
      "Group.Read.All",
    ],
    permissionsApplyAtOnce: false,
    appTokenSeconds: 86_400,
    licensed: true,
    groupRolesListed: "once",
    quotas: { resourceUnitsPer10Seconds: 3500, writesPer150Seconds: 3000, reportsPer10Seconds: 5 },
    audit: {
      queryableAfterMs: 2000,
      streamedAfterMs: 2000,
      lateShare: 0,
      lateByMs: 60_000,
      doubledShare: 0,
      pimRowAfterMs: 5900,
      offered: true,
    },
    notifications: defaultNotificationSettings(),
  };
}
