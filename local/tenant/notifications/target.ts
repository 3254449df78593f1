/** What a subscription is about. */
export interface Target {
  readonly kind: "groups" | "users" | "roleInstances" | "directoryAudits";
  /** Null: all of them. */
  readonly id: string | null;
  /** Null: anything about it. */
  readonly part: Part | null;
}

type Part = "members" | "owners";

/** Something that happened and that somebody may have subscribed to. */
export interface Change {
  readonly kind: Target["kind"];
  readonly id: string;
  readonly changeType: "created" | "updated" | "deleted";
  readonly part: Part | null;
  /** Who came or went, for the `@delta` node of `/groups`. */
  readonly delta: { readonly id: string; readonly removed: boolean } | null;
}

/** The resources that Graph does not document as subscribable, in lower case: the switch `offered` can turn them on. */
export const probedResources = {
  "rolemanagement/directory/roleassignmentscheduleinstances": "roleInstances",
  "auditlogs/directoryaudits": "directoryAudits",
} as const;

const guid = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
const documented = new RegExp(`^(?:(groups)(?:/(${guid})(?:/(members|owners))?)?|(users)(?:/(${guid}))?)$`);

/**
 * The target of a subscription's `resource`; null for one that Graph does not support. Graph docs: change-notifications-overview
 * lists users and groups alone of what the directory holds; `offered` names the probed ones that are supported all the same.
 */
export function readTarget(resource: string, offered: readonly string[]): Target | null {
  const path = resource.replace(/^\//, "").toLowerCase();
  const probed = Object.entries(probedResources).find(([name]) => name === path);
  if (probed !== undefined) {
    return offered.some((name) => name.toLowerCase() === path) ? { kind: probed[1], id: null, part: null } : null;
  }
  const match = documented.exec(path);
  if (match === null) return null;
  const part = match[3] === "members" || match[3] === "owners" ? match[3] : null;
  if (match[1] !== undefined) return { kind: "groups", id: match[2] ?? null, part };
  return { kind: "users", id: match[5] ?? null, part: null };
}

/**
 * Whether an application with these permissions may subscribe: one permission for users and one for groups, for which a write permission does not
 * stand in (same page). For the probed ones, which no page describes, it is a guess: whatever lets it read them.
 */
export function maySubscribe({ kind }: Target, permissions: readonly string[]): boolean {
  return {
    groups: ["Group.Read.All"],
    users: ["User.Read.All"],
    roleInstances: ["RoleAssignmentSchedule.Read.Directory", "RoleManagement.Read.Directory"],
    directoryAudits: ["AuditLog.Read.All"],
  }[kind].some((enough) => permissions.includes(enough));
}

/** Users and groups: create and soft delete arrive as `updated` (same page). What the probed ones would take is a guess. */
export function changeTypesFor({ kind }: Target): readonly string[] {
  return kind === "groups" || kind === "users" ? ["updated", "deleted"] : ["created", "updated", "deleted"];
}
