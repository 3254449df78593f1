import type { Evidence, RecordedOutcome, SourceFacts } from "../../simulation/judge/evidence.ts";

export const minute = 60_000;

/** What was plainly shown all the time, and gone from both views at once when it ended as announced. */
export const source = (from: number, goneAt: number | null, over: Partial<SourceFacts> = {}): SourceFacts => ({
  role: "role 0",
  scope: "/",
  what: "activated, expires",
  throughGroup: false,
  optional: false,
  from,
  announcedEnds: goneAt === null ? [] : [goneAt],
  announcedToHolder: goneAt === null ? [] : [goneAt],
  announcedAt: from,
  goneAt,
  firstGoneAt: goneAt,
  forgottenAt: goneAt,
  plainlyShown: [{ from, to: goneAt ?? Number.POSITIVE_INFINITY }],
  denied: [],
  neverHeld: null,
  anonymous: false,
  ...over,
});

/** What the app recorded at `openedAt`, and settled at once. */
export const record = (openedAt: number, outcome: string, over: Partial<RecordedOutcome> = {}): RecordedOutcome => ({
  principalId: "jane",
  role: "role 0",
  scope: "/",
  audited: false,
  cutOff: Math.floor(openedAt / 1000) * 1000,
  datedAt: openedAt,
  openedAt,
  closedAt: openedAt,
  outcome,
  verified: outcome === "revoked" ? true : null,
  changedTo: [],
  vanished: false,
  ...over,
});

/** Two hours of a quiet tenant with one user, Jane. */
export const evidenceOf = (
  sources: readonly SourceFacts[],
  outcomes: readonly RecordedOutcome[],
  over: Partial<Evidence> = {},
): Evidence => ({
  from: 0,
  to: 120 * minute,
  judgedUntil: 110 * minute,
  policy: {
    mode: "enforce",
    included: "all",
    excluded: [],
    staleAfter: 24 * 60 * minute,
    watchGroups: false,
    coalesceWithin: 0,
    enforcedRoles: "all",
    thresholds: null,
  },
  resyncEvery: minute,
  auditLag: 5000,
  readsAuditLog: false,
  principals: [{ id: "jane", kind: "user", deletedAt: null, missing: [], sources, othersRevokedAt: [] }],
  revokes: [],
  sent: [],
  throttled: [],
  outcomes,
  groupOutcomes: [],
  stops: [],
  releasedAt: [],
  disturbances: [],
  ...over,
});

export const revokeAt = (at: number) => ({ principalId: "jane", sentAt: at - 100, appliedAt: at });
