const minute = 60_000;

/** What a subscription is for, and where its health is told. */
export const sources = ["groups", "roleAssignmentScheduleInstances", "directoryAudits"] as const;
export type Source = (typeof sources)[number];

/** Graph does not document these as subscribable: they are asked for all the same, for the day it offers them. */
export const isProbe = (source: Source): boolean => source !== "groups";

/** A subscription that should exist. Its resource is what identifies it. */
export interface Wanted {
  readonly resource: string;
  readonly changeType: string;
  readonly source: Source;
  /** Null for a probe, and for the one that is about all groups. */
  readonly groupId: string | null;
  /** Milliseconds to ask for. */
  readonly lifetime: number;
}

/** Per app and tenant, of users and groups (Graph docs: change notifications overview). */
export const quota = 100;

/** Users and groups: 41,760 minutes, and longer wishes will be refused (Graph docs: subscription resource). An hour less, for clocks. */
const groupLifetime = (41_760 - 60) * minute;
/** Nobody knows the limit of what is not offered: short enough for most resources. */
const probeLifetime = 24 * 60 * minute;

const probes: readonly Wanted[] = [
  {
    resource: "roleManagement/directory/roleAssignmentScheduleInstances",
    changeType: "created,updated,deleted",
    source: "roleAssignmentScheduleInstances",
    groupId: null,
    lifetime: probeLifetime,
  },
  {
    resource: "auditLogs/directoryAudits",
    changeType: "created",
    source: "directoryAudits",
    groupId: null,
    lifetime: probeLifetime,
  },
];

/** Fires for every group of the tenant, watched or not. */
const allGroups: Wanted = {
  resource: "groups",
  changeType: "updated",
  source: "groups",
  groupId: null,
  lifetime: groupLifetime,
};

/** The subscriptions that should exist, given the watched groups, the most privileged first. Pure. */
export function catalogue(groupIds: readonly string[], beyondQuota: "poll" | "allGroups"): readonly Wanted[] {
  if (beyondQuota === "allGroups" && groupIds.length > quota) return [allGroups, ...probes];
  return [...groupIds.slice(0, quota).map(membersOf), ...probes];
}

const membersOf = (groupId: string): Wanted => ({
  resource: `groups/${groupId}/members`,
  changeType: "updated",
  source: "groups",
  groupId,
  lifetime: groupLifetime,
});
