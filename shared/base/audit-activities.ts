/** The exact names of the activities (Azure docs: elevate-access-global-admin), for questions to the log. */
export const elevationActivities = {
  elevated: "User has elevated their access to User Access Administrator for their Azure Resources",
  removed: "The role assignment of User Access Administrator has been removed from the user",
} as const;

/** A user got User Access Administrator over all of Azure, or lost it. */
export interface Elevation {
  readonly userId: string;
  readonly elevated: boolean;
  /** Epoch milliseconds of `activityDateTime`. */
  readonly at: number;
}

/** Why an assignment ended, as far as an audit row shows. */
export type EndReason = "expired" | "deactivated" | "removed" | "unknown";

/** What an activity of the audit log means for the app. */
type Activity =
  /** PIM removed an active assignment of a role or of a group; only the category says which. */
  | { readonly means: "pimEnd"; readonly reason: EndReason }
  /** The directory lost a role assignment, whatever the cause. */
  | { readonly means: "directoryRoleEnd" }
  | { readonly means: "directoryGroupEnd"; readonly accessId: "member" | "owner" }
  | { readonly means: "activation"; readonly stage: "requested" | "approved" | "completed" }
  /** A request, not yet carried out. */
  | { readonly means: "request" }
  /** The eligibility to activate was removed, not the active role. */
  | { readonly means: "eligibility" }
  /** Named like an end or a start, but neither. */
  | { readonly means: "lookAlike" }
  | { readonly means: "userLifecycle" }
  /** The trace of our own revoke. Password synchronisation writes it too. */
  | { readonly means: "ownTrace" }
  | { readonly means: "securityEvent" }
  /** A Global Administrator got User Access Administrator over all of Azure, or a user lost it. */
  | { readonly means: "elevation"; readonly elevated: boolean };

const expired = { means: "pimEnd", reason: "expired" } as const;
const deactivated = { means: "pimEnd", reason: "deactivated" } as const;
const removed = { means: "pimEnd", reason: "removed" } as const;
const directoryRoleEnd = { means: "directoryRoleEnd" } as const;
const request = { means: "request" } as const;
const eligibility = { means: "eligibility" } as const;
const lookAlike = { means: "lookAlike" } as const;
const userLifecycle = { means: "userLifecycle" } as const;
const ownTrace = { means: "ownTrace" } as const;
const securityEvent = { means: "securityEvent" } as const;

/** Exact names (Entra docs: reference-audit-activities). There is none for a revocation of sessions. */
export const auditActivities = {
  "Remove member from role (PIM activation expired)": expired,
  "Remove member from role completed (PIM deactivate)": deactivated,
  "Remove member from role in PIM completed (permanent)": removed,
  "Remove member from role in PIM completed (timebound)": removed,
  "Remove permanent direct role assignment": removed,

  "Remove member from role": directoryRoleEnd,
  "Remove scoped member from role": directoryRoleEnd,
  "Remove role assignment from role definition": directoryRoleEnd,
  "Remove member from role scoped over Restricted Management Administrative Unit": directoryRoleEnd,

  "Remove member from group": { means: "directoryGroupEnd", accessId: "member" },
  "Remove owner from group": { means: "directoryGroupEnd", accessId: "owner" },

  "Add member to role requested (PIM activation)": { means: "activation", stage: "requested" },
  "Add member to role request approved (PIM activation)": { means: "activation", stage: "approved" },
  "Add member to role completed (PIM activation)": { means: "activation", stage: "completed" },

  "Remove member from role requested (PIM deactivate)": request,
  "Remove member from role in PIM requested (permanent)": request,
  "Remove member from role in PIM requested (timebound)": request,
  "Process role removal request": request,
  "Remove request": request,
  "Cancel request for role removal": request,

  "Remove eligible member from role in PIM completed (permanent)": eligibility,
  "Remove eligible member from role in PIM completed (timebound)": eligibility,
  "Remove permanent eligible role assignment": eligibility,
  "Remove eligible member from role": eligibility,
  "Remove EligibleRoleAssignment from RoleDefinition": eligibility,
  "Remove eligible member from group": eligibility,
  "Remove eligible owner from group": eligibility,

  "PIM activation request expired": lookAlike,
  "Add member to role outside of PIM (permanent)": lookAlike,
  "Update role setting in PIM": lookAlike,

  "Disable account": userLifecycle,
  "Delete user": userLifecycle,
  "Hard Delete user": userLifecycle,
  "Restore user": userLifecycle,
  "Change user password": userLifecycle,
  "Reset password": userLifecycle,
  "Reset user password": userLifecycle,
  "Set force change user password": userLifecycle,
  "Enable Strong Authentication": userLifecycle,
  "Disable Strong Authentication": userLifecycle,

  "Update StsRefreshTokenValidFrom Timestamp": ownTrace,
  "Update user": ownTrace,

  "Admin deleted security info": securityEvent,
  "User deleted security info": securityEvent,
  "Admin started password reset": securityEvent,
  "Suspicious activity reported": securityEvent,
  "Consent to application": securityEvent,
  "Remove delegated permission grant": securityEvent,
  "Update Conditional Access policy": securityEvent,
  "Update continuous access evaluation": securityEvent,

  [elevationActivities.elevated]: { means: "elevation", elevated: true },
  [elevationActivities.removed]: { means: "elevation", elevated: false },
} as const satisfies Readonly<Record<string, Activity>>;

type KnownActivity = keyof typeof auditActivities;

/**
 * The activities that a rule of `AUDIT_RULES` may name: each is done to one user, whose sessions should then end. The traces of our own revokes are
 * not among them, or each revoke would lead to the next.
 */
export const ruleActivities = [
  "Disable account",
  "Delete user",
  "Hard Delete user",
  "Restore user",
  "Change user password",
  "Reset password",
  "Reset user password",
  "Set force change user password",
  "Enable Strong Authentication",
  "Disable Strong Authentication",
  "Admin deleted security info",
  "User deleted security info",
  "Admin started password reset",
  "Suspicious activity reported",
] as const satisfies readonly KnownActivity[];

const byName: ReadonlyMap<string, Activity> = new Map(Object.entries(auditActivities));

/** The meaning of an activity; undefined for the many activities that the app does not use. */
export const activityNamed = (name: string): Activity | undefined => byName.get(name);
