import { elevationCategory, elevationService } from "../../shared/audit-log/classify.ts";
import { activityNamed } from "../../shared/base/audit-activities.ts";
import type { CutBy } from "./history.ts";
import type { Documented } from "./input/audit-row.ts";
import type { RecordClass } from "./record-class.ts";

/** Only what Entra docs: concept-continuous-access-evaluation lists as critical events. */
export const cutsBy: ReadonlyMap<string, CutBy> = new Map([
  ["Update StsRefreshTokenValidFrom Timestamp", "sessions revoked"],
  ["Change user password", "password changed"],
  ["Reset password", "password changed"],
  ["Reset user password", "password changed"],
  ["Disable account", "account disabled"],
  ["Delete user", "account disabled"],
  ["Hard Delete user", "account disabled"],
  ["Enable Strong Authentication", "MFA enabled"],
]);

/** `read` when a verdict can need a record of this activity. The name alone decides, so most of a tenant's log is not parsed. */
export function classOfName(name: string): RecordClass | "read" {
  if (cutsBy.has(name)) return "read";
  const means = activityNamed(name)?.means;
  switch (means) {
    case "pimEnd":
    case "directoryRoleEnd":
    case "directoryGroupEnd":
    case "activation":
    case "elevation":
      return "read";
    case "request":
    case "eligibility":
    case "lookAlike":
      return means;
    default:
      return "otherActivity";
  }
}

/** Service and category of the rows of this activity (Entra docs: reference-audit-activities); null where a verdict needs neither. */
export function documentedOf(name: string): Documented | null {
  switch (activityNamed(name)?.means) {
    case "pimEnd":
    case "activation":
      return { service: "PIM", category: undefined };
    case "directoryRoleEnd":
      return { service: "Core Directory", category: "RoleManagement" };
    case "elevation":
      return { service: elevationService, category: elevationCategory };
    case "directoryGroupEnd":
      return { service: "Core Directory", category: "GroupManagement" };
    default:
      return null;
  }
}
