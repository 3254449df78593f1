import { describe, expect, test } from "vitest";
import { observe } from "../../../shared/assignments/observe.ts";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { GroupPath, PrincipalReading } from "../../../shared/graph/graph.ts";
import { activation, directoryRow, userAdministrator } from "../../fixtures/fake-world.ts";
import {
  absentSince,
  anAnswer,
  anObligation,
  aState,
  aTombstone,
  at,
  aUser,
  aWatch,
  isoAt,
  janesKey,
  oneUnit,
  permanent,
} from "../../fixtures/principal-builders.ts";

/** One answer, `seconds` after the start, with the group paths read. */
const look = (
  state: PrincipalState,
  seconds: number,
  shown: Partial<PrincipalReading> = {},
  paths: readonly GroupPath[] | null = [],
) => observe(state, { principal: anAnswer(seconds, shown), paths }, "timer", defaultTimings);

const watching = aState({ watches: [aWatch()] });
const active = { instances: [activation()] };
const keysOf = (state: PrincipalState) => ({
  watches: [...state.watches.keys()],
  tombstones: [...state.tombstones.keys()],
  obligations: [...state.obligations.keys()],
});

describe("a first look", () => {
  test("watches what it finds and revokes nothing", () => {
    const { state } = look(aState({ head: { kind: "unknown" } }), 0, active);
    expect(keysOf(state)).toEqual({ watches: [janesKey], tombstones: [], obligations: [] });
    expect(state.head).toMatchObject({
      kind: "user",
      listed: [`${activation().roleAssignmentScheduleId} ${isoAt(-60)} ${isoAt(60.5)} ${userAdministrator}`],
    });
  });

  test.each([
    { user: aUser({ external: true }), kind: "externalUser" },
    { user: null, kind: "unknown" },
  ])("remembers what kind of principal it is: $kind", ({ user, kind }) => {
    expect(look(aState({ head: { kind: "unknown" } }), 0, { ...active, user }).state.head.kind).toBe(kind);
  });

  test("does not forget the kind of a user who is not found later", () => {
    expect(look(watching, 0, { ...active, user: null }).state.head.kind).toBe("user");
  });
});

describe("an end at its time", () => {
  test("is established by one answer that shows the role nowhere: tombstone, obligation, no watch", () => {
    const { state } = look(watching, 62);
    expect(keysOf(state)).toEqual({ watches: [], tombstones: [janesKey], obligations: [janesKey] });
    expect(state.obligations.get(janesKey)).toEqual(anObligation());
    expect(state.tombstones.get(janesKey)).toEqual(aTombstone());
  });

  test("waits for the directory: as long as it has the role, the end has not come", () => {
    const { state } = look(watching, 62, { directory: [directoryRow(activation())] });
    expect(keysOf(state)).toEqual({ watches: [janesKey], tombstones: [], obligations: [] });
    expect(state.watches.get(janesKey)?.absence).toBeNull();
  });

  test("waits for the instances when the directory is first", () => {
    expect(keysOf(look(watching, 62, { ...active, directory: [] }).state).watches).toEqual([janesKey]);
  });

  test("does not wait for a directory row that another live instance explains", () => {
    const other = permanent();
    const { state } = look(aState({ watches: [aWatch({ seenToEnd: true })] }), 62, {
      instances: [other],
      directory: [directoryRow(other)],
    });
    expect(keysOf(state).obligations).toEqual([janesKey]);
    expect(state.watches.size).toBe(1);
  });

  test("of a role that is still listed a minute later is raised, once, and looked for on", () => {
    const first = look(watching, 121, active);
    expect(first.overdue.map(({ key }) => key)).toEqual([janesKey]);
    const second = look(first.state, 131, active);
    expect(second.overdue).toEqual([]);
    expect(keysOf(second.state).watches).toEqual([janesKey]);
    expect(look(watching, 120, active).overdue).toEqual([]);
  });
});

describe("an end before its time", () => {
  test("needs a second answer without it", () => {
    const first = look(watching, 20);
    expect(first.state.watches.get(janesKey)?.absence).toEqual(absentSince(at(20), null));
    expect(keysOf(look(first.state, 25).state).obligations).toEqual([]);
    const third = look(first.state, 26);
    expect(third.state.obligations.get(janesKey)).toMatchObject({ cutOff: at(20), planned: false, foundAt: at(26) });
  });

  test("is not one when the next answer shows the role: the run of absences is broken", () => {
    const shown = look(look(watching, 20).state, 22, active);
    expect(shown.state.watches.get(janesKey)?.absence).toBeNull();
    expect(keysOf(look(shown.state, 26).state).obligations).toEqual([]);
  });
});

test("an extension moves the end: what was planned no longer is", () => {
  const extended = look(watching, 50, { instances: [activation({ endDateTime: isoAt(3600) })] });
  const absent = look(extended.state, 62);
  expect(absent.state.watches.get(janesKey)?.absence?.since).toBe(at(62));
  expect(keysOf(absent.state).obligations).toEqual([]);
});

test("the same end observed twice is one obligation", () => {
  const crashed = aState({ watches: [aWatch()], obligations: [anObligation({ foundBy: "resync" })] });
  expect(look(crashed, 70).state.obligations.get(janesKey)?.foundBy).toBe("resync");
});

test("a role in one unit ends while the same role for the directory is watched: one obligation, the other stays", () => {
  const unit = activation({ ...oneUnit, roleAssignmentScheduleId: "unit" });
  const both = look(aState(), 0, { instances: [unit, permanent()] });
  const { state } = look(both.state, 62, { instances: [permanent()] });
  expect([...state.obligations.values()]).toMatchObject([oneUnit]);
  expect([...state.watches.values()]).toMatchObject([{ end: null }]);
});

test("a ghost does not make the role held: only what is watched does", () => {
  const buried = aState({ tombstones: [aTombstone()] });
  expect(look(buried, 70, active).state.watches.size).toBe(0);
});

test("a tombstone is forgotten after two days", () => {
  const buried = aState({ tombstones: [aTombstone({ endedAt: at(0) })] });
  expect(look(buried, 48 * 3600 - 1).state.tombstones.size).toBe(1);
  expect(look(buried, 48 * 3600).state.tombstones.size).toBe(0);
});

test("an answer ends the count of unreadable tries", () => {
  const counting = aState({ watches: [aWatch()], head: { unreadable: { since: at(0), last: at(1), raised: true } } });
  expect(look(counting, 30, active).state.head.unreadable).toBeNull();
});

test.each([
  { readAt: at(-100), firstSeen: at(-3600), shownAt: at(-100) },
  { readAt: at(-100), firstSeen: at(-30), shownAt: at(-30) },
])("of a group's role the end tells when the group last showed it: %o", ({ readAt, firstSeen, shownAt }) => {
  const group = { assignableToRole: true, readAt, notBefore: null };
  const state = aState({ watches: [aWatch({ firstSeen })], head: { kind: "group", group } });
  const { obligations } = look(state, 62, { user: null }, null).state;
  expect(obligations.get(janesKey)).toMatchObject({ shownAt });
});
