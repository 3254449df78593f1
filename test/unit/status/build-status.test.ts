import { describe, expect, test } from "vitest";
import { buildStatus, type StatusInput } from "../../../shared/status/build-status.ts";
import { aHealth } from "../../fixtures/a-status.ts";
import { jane, userAdministrator } from "../../fixtures/fake-world.ts";
import { aHolding, aRevocation, aSource, aState, at, isoAt } from "../../fixtures/principal-builders.ts";

const about = {
  version: "1.2.3",
  portal: null,
  runbook: null,
  operator: { objectId: "an-operator", roles: ["Cutoff.Read"] },
} as const;
const build = (over: Partial<StatusInput> = {}) =>
  buildStatus({
    health: aHealth(),
    stopReason: null,
    ...about,
    principals: [],
    unreadable: 0,
    waitingPeople: 0,
    notRead: { people: 0, waiting: 0, isAtLeast: false },
    roleNames: new Map(),
    now: at(0),
    ...over,
  });

/** As the app writes times. */
const written = (seconds: number) => new Date(at(seconds)).toISOString();

const closed = (over: object = {}) => ({
  state: "closed" as const,
  outcome: "revoked" as const,
  closedAt: at(64),
  acceptedAt: at(62),
  verified: true,
  detail: null,
  ...over,
});

test("an app that has seen nothing yet shows nothing, and no latency", () => {
  expect(build()).toEqual({
    at: "2026-01-05T09:00:00.000Z",
    health: aHealth(),
    stopReason: null,
    names: {},
    ...about,
    waitingPeople: 0,
    day: { from: "2026-01-04T09:00:00.000Z", to: "2026-01-05T17:00:00.000Z", people: [], more: 0 },
    upcoming: { total: 0, shown: [] },
    recent: { total: 0, shown: [] },
    pending: { total: 0, shown: [] },
    latency: null,
    unreadable: 0,
    notRead: { people: 0, waiting: 0, isAtLeast: false },
  });
});

describe("upcoming ends", () => {
  const ending = (key: string, end: string | null) => aHolding({ key, sources: [aSource({ end, listedEnd: end })] });

  test("are the known ones, the nearest first, by the role's name where it is known", () => {
    const later = ending("later", isoAt(3600));
    const permanent = ending("permanent", null);
    const { upcoming } = build({
      principals: [aState({ holdings: [later, permanent, aHolding()] })],
      roleNames: new Map([[userAdministrator, "User Administrator"]]),
    });
    expect(upcoming).toEqual({
      total: 2,
      shown: [
        {
          principalId: jane,
          isGroup: false,
          privilege: "User Administrator",
          scope: "/",
          groupId: null,
          endDateTime: written(60.5),
        },
        {
          principalId: jane,
          isGroup: false,
          privilege: "User Administrator",
          scope: "/",
          groupId: null,
          endDateTime: written(3600),
        },
      ],
    });
  });

  test("beyond fifty are counted, not shown", () => {
    const holdings = Array.from({ length: 51 }, (_, index) => ending(String(index), isoAt(index)));
    const { upcoming } = build({ principals: [aState({ holdings })] });
    expect(upcoming.total).toBe(51);
    expect(upcoming.shown).toHaveLength(50);
    expect(upcoming.shown.at(-1)?.endDateTime).toBe(written(49));
  });
});

test("an outcome shows how long its revoke took, the newest first; without a call there is no such time", () => {
  const revocations = [
    aRevocation({ key: "spared", progress: closed({ outcome: "excluded", acceptedAt: null, closedAt: at(63) }) }),
    aRevocation({ progress: closed() }),
  ];
  const { recent, latency, pending } = build({ principals: [aState({ revocations })] });
  expect(recent.shown.map(({ outcome, underMilliseconds }) => [outcome, underMilliseconds])).toEqual([
    ["revoked", 2500],
    ["excluded", null],
  ]);
  expect(latency).toMatchObject({ count: 1, p50: 2500 });
  expect(pending.total).toBe(0);
});

test.each([
  ["in the second of the end", 60, 60.5, 1000],
  ["in the same second, which the end began", 60, 60, 1000],
  ["in the next second", 61, 60.5, 1500],
  ["two seconds later", 62, 60, 3000],
])("a revoke that Graph dates %s took less than its bound, never nothing", (_, acceptedAt, lastHeld, bound) => {
  const revocation = aRevocation({ lastHeld: at(lastHeld), progress: closed({ acceptedAt: at(acceptedAt) }) });
  const { recent, latency } = build({ principals: [aState({ revocations: [revocation] })] });
  expect(recent.shown).toMatchObject([{ underMilliseconds: bound }]);
  expect(latency).toMatchObject({ p50: bound, most: bound });
});

test("a call that cuts nothing, as for a guest, has no time from the end to the cut, and counts in no headline", () => {
  const guest = aRevocation({ progress: closed({ outcome: "notEnforceable", detail: "externalUser" }) });
  const { recent, latency } = build({ principals: [aState({ revocations: [guest] })] });
  expect(recent.shown).toMatchObject([{ outcome: "notEnforceable", underMilliseconds: null }]);
  expect(latency).toBeNull();
});

test("an end that was not announced shows when it was found: no latency, and none in the headline", () => {
  const sudden = aRevocation({
    planned: false,
    end: "unknown",
    endDateTime: null,
    lastHeld: at(62),
    progress: closed(),
  });
  const { recent, latency } = build({ principals: [aState({ revocations: [sudden] })] });
  expect(recent.shown).toMatchObject([{ announced: false, underMilliseconds: null, foundAt: written(62) }]);
  expect(latency).toBeNull();
});

test("what waits shows since when and for what, the oldest first", () => {
  const waiting = { state: "pending" as const, notBefore: null, heldBy: "stopped" };
  const revocations = [
    aRevocation({ key: "young", foundAt: at(70), threshold: "held" }),
    aRevocation({ key: "old", foundAt: at(62), progress: waiting }),
    aRevocation({ key: "called", foundAt: at(65), progress: { state: "accepted", acceptedAt: at(66) } }),
  ];
  const { pending } = build({ principals: [aState({ revocations })] });
  expect(pending.shown.map(({ since, heldBy, isHeldByThreshold }) => [since, heldBy, isHeldByThreshold])).toEqual([
    [written(62), "stopped", false],
    [written(65), null, false],
    [written(70), null, true],
  ]);
});

test("a membership is named by the group, and has no scope", () => {
  const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = aRevocation();
  const groupId = "9d0c1b2a-0000-4000-8000-000000000009";
  const revocation = { ...facts, groupId, access: "owner" as const, through: { groupId, ended: "access" as const } };
  const { pending } = build({ principals: [aState({ revocations: [revocation] })] });
  expect(pending.shown).toMatchObject([{ privilege: `owner of ${groupId}`, scope: null, groupId }]);
});
