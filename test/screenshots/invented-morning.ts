import type { Outcome, PendingRevocation } from "../../shared/model/pending-revocation.ts";
import { conditionsOf } from "../../shared/operators/conditions.ts";
import {
  type DayBar,
  type PendingEnd,
  type PrivilegeName,
  type RecentOutcome,
  type Status,
  summariseLatency,
  type UpcomingEnd,
  version,
} from "../../shared/status/status.ts";
import { aHealth } from "../fixtures/a-status.ts";
import { at, isoAt } from "../fixtures/principal-builders.ts";
import { between, seededRandom } from "../simulation/world/random.ts";

const random = seededRandom(7, "screenshots");
const id = (): string =>
  "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => between(random, 0, 16).toString(16));
/** Names from nowhere, each for one person. */
const people = [
  "Ada Berg",
  "Bo Lind",
  "Cleo Marsh",
  "Dov Katz",
  "Eve Stone",
  "Finn Roth",
  "Gia Ward",
  "Hal Pine",
  "Ida Holm",
  "Jon Park",
  "Kim Reyes",
  "Lea Vogt",
  "Max Otto",
  "Nia Cole",
  "Oli Frey",
  "Pia Dahl",
  "Quinn Hays",
];
const names = new Map<string, string>();
const person = (): string => {
  const objectId = id();
  const name = people[names.size];
  if (name !== undefined) names.set(objectId, name);
  return objectId;
};
const group = id();
names.set(group, "On call");
const unit = `/administrativeUnits/${id()}`;
const role = (privilege: string, scope: string | null = "/"): PrivilegeName => ({
  principalId: person(),
  isGroup: false,
  privilege,
  scope,
  groupId: scope === null ? group : null,
});

type Cut = readonly [
  name: PrivilegeName,
  end: PendingRevocation["end"],
  foundBy: string,
  outcome: Outcome,
  detail?: string,
];

/** Everything on it is invented: people, times, and how long the revokes took. The newest first, some minutes apart. */
const ends: readonly Cut[] = [
  [role("User Administrator"), "expired", "timer", "revoked"],
  [role("Exchange Administrator"), "expired", "timer", "revoked"],
  [role("Helpdesk Administrator", unit), "deactivated", "audit", "revoked"],
  [role("Security Administrator"), "expired", "timer", "stillHeld"],
  [role(`member of ${group}`, null), "removed", "notification", "revoked"],
  [role("Global Administrator"), "expired", "timer", "revoked"],
  [role("Intune Administrator"), "expired", "timer", "notEnforceable", "externalUser"],
  [role("Conditional Access Administrator"), "removed", "resync", "revoked"],
  [role("User Administrator"), "expired", "timer", "stillHeld"],
  [role("Application Administrator"), "expired", "timer", "revoked"],
];

function recentOutcomes(): readonly RecentOutcome[] {
  let seconds = -100;
  return ends.map(([name, end, foundBy, outcome, detail = null]) => {
    seconds -= between(random, 60, 1500);
    const isCut = outcome === "revoked";
    const announced = end === "expired";
    const underMilliseconds = isCut && announced ? between(random, 1400, 2600) : null;
    const times = { closedAt: isoAt(seconds), foundAt: isoAt(seconds - 2) };
    return { ...name, outcome, end, announced, foundBy, ...times, underMilliseconds, detail };
  });
}

/** When each began is invented, too. */
function inventedDay(
  upcoming: readonly UpcomingEnd[],
  waiting: PendingEnd,
  recent: readonly RecentOutcome[],
): Status["day"] {
  const hours = (time: string, count: number) => new Date(Date.parse(time) - count * 3_600_000).toISOString();
  const personOf = (bar: DayBar) => ({ principalId: bar.principalId, isGroup: false, bars: [bar], more: 0 });
  const permanent = { ...role("Global Reader"), from: isoAt(-900_000), until: null, fate: "holds" } as const;
  return {
    from: isoAt(-86_400),
    to: isoAt(8 * 3600),
    people: [
      { ...waiting, from: hours(waiting.since, 3), until: waiting.since, fate: "waits" } as const,
      ...upcoming.map(
        (end) => ({ ...end, from: hours(end.endDateTime, 4), until: end.endDateTime, fate: "holds" }) as const,
      ),
      ...recent.map((end, at) => ({
        ...end,
        from: hours(end.closedAt, 1 + (at % 4) * 2),
        until: end.closedAt,
        fate: end.outcome,
      })),
      permanent,
    ].map(personOf),
    more: 0,
  };
}

/** What the status page may show on a busy morning. The same on every machine. */
export function inventedMorning(): Status {
  const recent = recentOutcomes();
  const upcoming = [
    { ...role("Privileged Role Administrator"), endDateTime: isoAt(75) },
    { ...role("Exchange Administrator"), endDateTime: isoAt(1530) },
    { ...role("SharePoint Administrator"), endDateTime: isoAt(7200) },
  ];
  const waiting = { ...role("Password Administrator"), since: isoAt(-30), heldBy: null, isHeldByThreshold: true };
  const proven = (seconds: number, detail: string | null = null) =>
    ({ state: "proven", lastAt: isoAt(seconds), detail }) as const;
  const [held] = conditionsOf({
    storageTime: at(0),
    isOff: false,
    stop: null,
    isStoppedBySetting: false,
    settingsSince: null,
    resyncedAt: at(-3),
    patience: 60_000,
    held: 1,
    heldSince: at(-40),
    inReview: 0,
    weakened: {},
  });
  if (held === undefined) throw new Error("Somebody is held on that morning.");
  const unsupported = { state: "unsupported", lastAt: null, detail: "ExtensionError" } as const;
  return {
    at: isoAt(0),
    stopReason: null,
    version,
    portal: "https://entra.microsoft.com",
    runbook: null,
    operator: { objectId: person(), roles: ["Cutoff.Operate"] },
    waitingPeople: 1,
    health: aHealth({
      build: { version, commit: "3f9c2e71b5d84a06c7e1f0a2b93d5c68e4170fab" },
      sources: {
        groupNotifications: proven(-1262, "unannounced ends: 14 notified, 1 late, 0 missed"),
        roleInstanceNotifications: unsupported,
        directoryAuditNotifications: unsupported,
        directoryAuditCatchUp: proven(-12),
        directoryAuditStream: proven(-96),
      },
      healthy: false,
      state: "held",
      conditions: [held],
      problems: [held.why],
      threshold: { held: 1, plannedReachedAt: null, unplannedReachedAt: isoAt(-40) },
    }),
    upcoming: { total: upcoming.length, shown: upcoming },
    day: inventedDay(upcoming, waiting, recent),
    pending: { total: 1, shown: [waiting] },
    latency: summariseLatency(recent.flatMap(({ underMilliseconds }) => underMilliseconds ?? [])),
    unreadable: 0,
    notRead: { people: 0, waiting: 0, isAtLeast: false },
    recent: { total: recent.length, shown: recent },
    // The last, when everybody has their name.
    names: Object.fromEntries(names),
  };
}
