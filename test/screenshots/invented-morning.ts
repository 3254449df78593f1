import type { Obligation, Outcome } from "../../shared/revocation/obligation.ts";
import type { PrivilegeName, RecentOutcome, Status } from "../../shared/status/status.ts";
import { summariseLatency } from "../../shared/status/summarise-latency.ts";
import { version } from "../../shared/status/version.ts";
import { aHealth } from "../fixtures/a-status.ts";
import { isoAt } from "../fixtures/principal-builders.ts";
import { between, seededRandom } from "../simulation/world/random.ts";

const random = seededRandom(7, "screenshots");
const id = (): string =>
  "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => between(random, 0, 16).toString(16));
/** Names from nowhere, each for one person. */
const people = ["Ada Berg", "Bo Lind", "Cleo Marsh", "Dov Katz", "Eve Stone", "Finn Roth", "Gia Ward", "Hal Pine"];
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
  privilege,
  scope,
  groupId: scope === null ? group : null,
});

type Cut = readonly [name: PrivilegeName, end: Obligation["end"], foundBy: string, outcome: Outcome, detail?: string];

/** Everything on it is invented: people, times, and how long the revokes took. The newest first, some minutes apart. */
const ends: readonly Cut[] = [
  [role("User Administrator"), "expired", "timer", "revoked"],
  [role("Exchange Administrator"), "expired", "timer", "revoked"],
  [role("Helpdesk Administrator", unit), "deactivated", "audit", "revoked"],
  [role("Security Administrator"), "expired", "timer", "stillHeld"],
  [role(`member of ${group}`, null), "removed", "notification", "revoked"],
  [role("Global Administrator"), "expired", "timer", "revoked"],
  [role("Intune Administrator"), "expired", "timer", "notEnforceable", "EXTERNAL_USER"],
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
    const milliseconds = isCut && announced ? between(random, 900, 2200) : null;
    const times = { closedAt: isoAt(seconds), foundAt: isoAt(seconds - 2) };
    return { ...name, outcome, end, announced, foundBy, ...times, milliseconds, detail };
  });
}

/** What the status page may show on a busy morning. The same on every machine. */
export function inventedMorning(): Status {
  const recent = recentOutcomes();
  const upcoming = [
    { ...role("Privileged Role Administrator"), endDateTime: isoAt(75) },
    { ...role("Exchange Administrator"), endDateTime: isoAt(1530) },
    { ...role("SharePoint Administrator"), endDateTime: isoAt(7200) },
  ];
  const proven = (seconds: number, detail: string | null = null) =>
    ({ state: "proven", lastAt: isoAt(seconds), detail }) as const;
  const unsupported = { state: "unsupported", lastAt: null, detail: "ExtensionError" } as const;
  return {
    at: isoAt(0),
    stopReason: null,
    names: Object.fromEntries(names),
    version,
    portal: "https://entra.microsoft.com",
    runbook: null,
    operator: { objectId: person(), roles: ["Cutoff.Operate"] },
    waitingPeople: 1,
    health: aHealth({
      sources: {
        groupNotifications: proven(-1262, "14 ends told, 1 late, 0 missed"),
        roleInstanceNotifications: unsupported,
        directoryAuditNotifications: unsupported,
        directoryAuditCatchUp: proven(-12),
        directoryAuditStream: proven(-96),
      },
      threshold: { held: 1, plannedReachedAt: null, unplannedReachedAt: isoAt(-40) },
    }),
    upcoming: { total: upcoming.length, shown: upcoming },
    pending: {
      total: 1,
      shown: [{ ...role("Password Administrator"), since: isoAt(-30), heldBy: null, isHeldByThreshold: true }],
    },
    latency: summariseLatency(recent.flatMap(({ milliseconds }) => milliseconds ?? [])),
    unreadable: 0,
    recent: { total: recent.length, shown: recent },
  };
}
