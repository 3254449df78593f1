import { expect, test } from "vitest";
import type { Evidence, HoldingFacts, RecordedOutcome } from "../../simulation/judge/evidence.ts";
import { neverMissed } from "../../simulation/judge/never-missed.ts";

const minute = 60_000;
const holding = (schedule: string, from: number, goneAt: number | null): HoldingFacts => ({
  role: "role 0",
  scope: "/",
  schedule,
  what: "activated, expires",
  throughGroup: false,
  optional: false,
  from,
  announcedEnds: goneAt === null ? [] : [goneAt],
  toldToHolder: [],
  announcedAt: from,
  goneAt,
  firstGoneAt: goneAt,
  forgottenAt: goneAt,
  plainlyShown: [{ from, to: goneAt ?? Number.POSITIVE_INFINITY }],
  denied: null,
  neverHeld: null,
  sharesSchedule: false,
});

const superseded: RecordedOutcome = {
  principalId: "jane",
  role: "role 0",
  scope: "/",
  schedule: "first",
  audited: false,
  inherited: false,
  cutOff: 30 * minute,
  openedAt: 30 * minute + 2000,
  closedAt: 30 * minute + 2000,
  outcome: "superseded",
  verified: null,
  changedTo: [],
  vanished: false,
};

/** The first was lost after half an hour and excused by the second, which a third replaced four minutes later. The history ends `after` that. */
const excused = (after: number): Evidence => {
  const [first, second] = [holding("first", 0, 30 * minute), holding("second", 30 * minute + 1, 34 * minute)];
  const to = 34 * minute + after;
  return {
    from: 0,
    to,
    judgedUntil: 34 * minute,
    policy: {
      mode: "enforce",
      included: "all",
      excluded: [],
      staleAfter: 24 * 60 * minute,
      revokeWhenReactivated: false,
      watchGroups: false,
      coalesceWithin: 0,
      enforcedRoles: "all",
      thresholds: null,
    },
    resyncEvery: minute,
    auditLag: 5000,
    readsAuditLog: false,
    principals: [
      {
        id: "jane",
        kind: "user",
        deletedAt: null,
        missing: null,
        holdings: [first, second, holding("third", 34 * minute, null)],
        othersRevokedAt: [],
      },
    ],
    revokes: [],
    sent: [],
    throttled: [],
    outcomes: [superseded],
    groupOutcomes: [],
    stops: [],
    releasedAt: [],
    disturbances: [],
  };
};

test("the end of what excused another must be recorded", () => {
  expect(neverMissed(excused(9 * minute))).toMatchObject([{ why: expect.stringContaining("was never recorded") }]);
});

test("not in a history that is over while the list alone denies it", () => {
  expect(neverMissed(excused(5 * minute))).toEqual([]);
});
