import { minute } from "../base/clock.ts";
import type { GraphSubscription } from "../graph/graph.ts";
import { readListedRow, roleRank } from "../model/holding.ts";
import type { Head } from "../model/principal.ts";
import type { WatchedGroups } from "../reconcile/dependencies.ts";
import type { Source, SubscriptionRecord, SubscriptionTimings } from "./subscription-record.ts";

/** The addresses that Graph sends notifications to. */
export interface Endpoints {
  readonly notificationUrl: string;
  readonly lifecycleUrl: string;
}

export type Step =
  | { readonly kind: "delete"; readonly id: string }
  | { readonly kind: "renew"; readonly wanted: Wanted; readonly record: SubscriptionRecord }
  | { readonly kind: "create"; readonly wanted: Wanted; readonly record: SubscriptionRecord | null }
  | { readonly kind: "forget"; readonly resource: string };

export interface Situation {
  /** The wanted subscriptions in the order of their creation. */
  readonly wanted: readonly Wanted[];
  readonly records: ReadonlyMap<string, SubscriptionRecord>;
  /** All subscriptions that Graph lists: ours, and those of other deployments that share our identity. */
  readonly listed: readonly GraphSubscription[];
  /** Null: no subscription is wanted, and only recorded ones can be ours. */
  readonly endpoints: Endpoints | null;
  /** The mark of a record's client state by the current secret. */
  readonly markOf: (record: SubscriptionRecord) => string;
  /** Ids that a lifecycle notification was about. */
  readonly asked: ReadonlySet<string>;
  /** Graph's time, epoch milliseconds. */
  readonly now: number;
}

/**
 * The steps, in order, after which exactly the wanted subscriptions exist. A subscription is ours if it is recorded or sends to our address; no
 * other one is ever touched. Graph's list may lag: a subscription that it does not show is renewed, and only a 404 to that proves it lost.
 * Pure.
 */
export function planSubscriptions(situation: Situation, timings: SubscriptionTimings): readonly Step[] {
  const { wanted, records, listed, endpoints } = situation;
  const isWanted = new Set(wanted.map(({ resource }) => resource));
  const recorded = new Set([...records.values()].map(({ id }) => id));
  const strays = listed.filter(({ id, notificationUrl }) => !recorded.has(id) && isOurs(notificationUrl, endpoints));
  const unwanted = [...records.values()].filter(({ resource }) => !isWanted.has(resource));
  return [
    ...strays.map(({ id }): Step => ({ kind: "delete", id })),
    ...unwanted.flatMap(({ id, resource }): Step[] => [
      ...(id === null ? [] : [{ kind: "delete" as const, id }]),
      { kind: "forget", resource },
    ]),
    ...wanted.flatMap((one) => stepsFor(one, records.get(one.resource) ?? null, situation, timings)),
  ];
}

export const isOurs = (notificationUrl: string | null, endpoints: Endpoints | null): boolean =>
  endpoints !== null && URL.parse(notificationUrl ?? "")?.href === new URL(endpoints.notificationUrl).href;

function stepsFor(
  wanted: Wanted,
  record: SubscriptionRecord | null,
  { listed, endpoints, markOf, asked, now }: Situation,
  timings: SubscriptionTimings,
): readonly Step[] {
  if (record === null) return [{ kind: "create", wanted, record }];
  const { id, renewedAt, tryAt } = record;
  const mayTry = tryAt === null || now >= tryAt;
  if (id === null) return mayTry ? [{ kind: "create", wanted, record }] : [];
  const isChanged =
    record.changeType !== wanted.changeType ||
    record.notificationUrl !== endpoints?.notificationUrl ||
    record.lifecycleUrl !== endpoints.lifecycleUrl ||
    record.mark !== markOf(record);
  // Neither the lifecycle address nor the client state can be changed later (Graph docs: subscription lifecycle events, Update subscription).
  if (isChanged) {
    return [
      { kind: "delete", id },
      { kind: "create", wanted, record },
    ];
  }
  const age = now - (renewedAt ?? Number.NEGATIVE_INFINITY);
  const isLost = !listed.some((other) => other.id === id) && age >= timings.listedWithin;
  const isAsked = asked.has(id) && age >= timings.renewAskedEvery;
  return isAsked || ((isLost || age >= timings.renewEvery) && mayTry) ? [{ kind: "renew", wanted, record }] : [];
}

/** A subscription that should exist. Its resource identifies it. */
export interface Wanted {
  readonly resource: string;
  readonly changeType: string;
  readonly source: Source;
  /** Null for a probe, and for the subscription to all groups. */
  readonly groupId: string | null;
  /** Lifetime to ask for, in milliseconds. */
  readonly lifetime: number;
}

/** Graph's limit on subscriptions to users and groups, per app and tenant (Graph docs: change notifications overview). */
export const quota = 100;

/** The longest lifetime for users and groups, 41,760 minutes (Graph docs: subscription resource), less an hour for clocks. Milliseconds. */
const groupLifetime = (41_760 - 60) * minute;
/** Milliseconds. Graph documents no limit for resources that it does not offer; a day is short enough for most. */
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

/** Reports changes of every group in the tenant, watched or not. */
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

/** The watched groups among all heads, those with the most powerful role first; the order of equals is stable. Pure. */
export function watchedByRank(
  heads: ReadonlyMap<string, Pick<Head, "kind" | "group" | "listed"> | null>,
  watched: WatchedGroups,
): readonly string[] {
  const ranked = [...heads].flatMap(([id, head]) => {
    if (head?.kind !== "group") return [];
    const isWatched =
      watched === "auto" ? head.group?.assignableToRole === true || head.listed.length > 0 : watched.has(id);
    const ranks = head.listed.map((row) => roleRank(readListedRow(row).roleDefinitionId));
    return isWatched ? [{ id, rank: Math.min(Number.MAX_SAFE_INTEGER, ...ranks) }] : [];
  });
  return ranked.toSorted((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}

/** Compares resources without case and leading slash, since Graph may change either. */
export const isSameResource = (a: string, b: string): boolean =>
  a.replace(/^\//, "").toLowerCase() === b.replace(/^\//, "").toLowerCase();
