import { expect, test } from "vitest";
import type { Happening, HistoryEvent } from "../../../../local/tenant/history-events.ts";
import { measure } from "../../../bench/reaction/measure.ts";

const second = Date.parse("2026-03-01T12:00:00Z");
const userId = "0a1b2c3d-0000-4000-8000-000000000001";
const scheduleId = "61998d6f-0000-4000-8000-000000000001";
const role = { principalId: userId, roleDefinitionId: "r", directoryScopeId: "/", scheduleId };
const ended = { userId, scheduleId, end: second + 570 };

/** Events by their milliseconds after a whole second. */
const historyOf = (happenings: readonly (readonly [number, Happening])[]): HistoryEvent[] =>
  happenings.map(([at, happening], seq) => ({ ...happening, seq, at: new Date(second + at).toISOString() }));

const removed = (store: "list" | "directory", shown: "first" | "last" = "last"): Happening => ({
  event: "roleRemoved",
  ...role,
  store,
  shown,
});
const pass = (principalId = userId): Happening => ({
  event: "graphCalled",
  method: "GET",
  path: `/v1.0/roleManagement/directory/roleAssignmentScheduleInstances?$filter=principalId eq '${principalId}'`,
  status: 200,
  applied: true,
  inBatch: true,
});
const revoke: Happening = { event: "revokeAccepted", userId, appId: "a", effective: true, validFrom: "" };

test("a reaction begins when the later of the two views has lost the role", () => {
  const history = historyOf([
    [1050, pass()],
    [1100, removed("list", "first")],
    [1100, removed("list")],
    [1150, pass()],
    [1200, removed("directory")],
    [1210, pass("somebody else")],
    [1250, pass()],
    [1270, revoke],
    [1300, pass()],
    [2150, pass()],
  ]);
  expect(measure(history, ended)).toEqual({
    removedAt: second + 1200,
    provableAt: second + 1200,
    answeredAt: second + 1250,
    acceptedAt: second + 1270,
    busiestSecond: 4,
  });
});

test("a removal before the first answer that can be dated after the end is provable from the next whole second on", () => {
  const history = historyOf([
    [600, removed("directory")],
    [700, removed("list")],
    [950, pass()],
    [1050, pass()],
    [1080, revoke],
  ]);
  expect(measure(history, ended)).toMatchObject({ provableAt: second + 1000, answeredAt: second + 1050 });
});

test("an end on a whole second is provable at once", () => {
  const history = historyOf([
    [0, removed("directory")],
    [1, removed("list")],
    [20, pass()],
    [30, revoke],
  ]);
  expect(measure(history, { ...ended, end: second })).toMatchObject({ removedAt: second + 1, provableAt: second + 1 });
});

test("an answer that was read just before the second and dated in it is the one that the revoke follows", () => {
  const history = historyOf([
    [600, removed("directory")],
    [700, removed("list")],
    [999, pass()],
    [1015, revoke],
  ]);
  expect(measure(history, ended)).toMatchObject({ provableAt: second + 1000, answeredAt: second + 999 });
});

test.each([
  [
    "one view that never lost the role",
    [
      [700, removed("list")],
      [720, pass()],
      [1080, revoke],
    ],
    "did not remove",
  ],
  [
    "no revoke",
    [
      [700, removed("list")],
      [700, removed("directory")],
      [720, pass()],
    ],
    "0 revokes",
  ],
  [
    "two revokes",
    [
      [700, removed("list")],
      [700, removed("directory")],
      [720, pass()],
      [1080, revoke],
      [1090, revoke],
    ],
    "2 revokes",
  ],
  [
    "a revoke before the removal",
    [
      [650, pass()],
      [680, revoke],
      [700, removed("list")],
      [700, removed("directory")],
    ],
    "before the role was removed",
  ],
] as const)("with %s there is nothing to measure", (_name, happenings, message) => {
  expect(() => measure(historyOf(happenings), ended)).toThrow(message);
});
