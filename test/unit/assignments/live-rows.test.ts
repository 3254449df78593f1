import { describe, expect, test } from "vitest";
import { livingRows } from "../../../shared/assignments/live-rows.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import { assignmentKey } from "../../../shared/assignments/watch.ts";
import type { RoleInstance } from "../../../shared/graph/graph.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import {
  anObligation,
  aState,
  aTombstone,
  at,
  aWatch,
  isoAt,
  janesKey,
  permanent,
} from "../../fixtures/principal-builders.ts";

const living = (
  rows: readonly RoleInstance[],
  state: ReturnType<typeof aState>,
  seconds = 70,
  directory = rows.map(directoryRow),
) => livingRows(rows, directory, state, at(seconds), defaultTimings);

const keyOf = ({ roleAssignmentScheduleId, startDateTime }: RoleInstance, generation: number) =>
  assignmentKey({ scheduleId: roleAssignmentScheduleId, start: startDateTime }, generation);

test("what a group or another scope gives is nobody's own assignment", () => {
  const given = { assignmentType: "Assigned" } as const;
  const rows = [activation({ ...given, memberType: "Group" }), activation({ ...given, memberType: "Inherited" })];
  expect(living(rows, aState()).rows).toEqual([]);
});

test("an activation is its holder's own, though a group made them eligible for it", () => {
  expect(living([activation({ memberType: "Group" })], aState()).rows).toMatchObject([{ key: janesKey }]);
});

test("a row never seen lives in generation 0", () => {
  expect(living([activation()], aState()).rows).toEqual([{ row: activation(), key: janesKey, generation: 0 }]);
});

test("a watched row keeps its key and generation", () => {
  const watch = aWatch({ key: keyOf(activation(), 3), generation: 3 });
  const state = aState({ watches: [watch], tombstones: [aTombstone()] });
  expect(living([activation()], state).rows).toMatchObject([{ key: watch.key, generation: 3 }]);
});

describe("a row whose key has ended", () => {
  const buried = aState({ tombstones: [aTombstone()] });

  test("is a ghost, and its first sighting is remembered", () => {
    const { rows, tombstones } = living([activation()], buried, 70);
    expect(rows).toEqual([]);
    expect(tombstones.get(janesKey)?.shownSince).toBe(at(70));
  });

  test("stays a ghost for less than five minutes of sightings", () => {
    const seen = aState({ tombstones: [aTombstone({ shownSince: at(70) })] });
    const { rows, tombstones } = living([activation()], seen, 370);
    expect(rows).toEqual([]);
    expect(tombstones.get(janesKey)?.shownSince).toBe(at(70));
  });

  test("lives again, one generation on, when answers more than five minutes apart show it: their dates are whole seconds", () => {
    const seen = aState({ tombstones: [aTombstone({ shownSince: at(70) })] });
    const { rows, tombstones } = living([activation()], seen, 371);
    expect(rows).toEqual([{ row: activation(), key: keyOf(activation(), 1), generation: 1 }]);
    expect(tombstones.get(janesKey)?.shownSince).toBeNull();
  });

  test("begins its sightings anew after an answer without it", () => {
    const seen = aState({ tombstones: [aTombstone({ shownSince: at(70) })] });
    expect(living([], seen, 80).tombstones.get(janesKey)?.shownSince).toBeNull();
  });

  test("keeps its first sighting, if it is permanent: the list may hide a row that was made again", () => {
    const row = permanent();
    const ended = aTombstone({ key: keyOf(row, 0), scheduleId: row.roleAssignmentScheduleId, start: null, end: null });
    const seen = aState({ tombstones: [{ ...ended, shownSince: at(70) }] });
    const hidden = living([], seen, 80).tombstones;
    expect(hidden.get(ended.key)?.shownSince).toBe(at(70));
    expect(living([row], aState({ tombstones: [...hidden.values()] }), 371).rows).toMatchObject([{ generation: 1 }]);
  });

  test.each([
    { end: "later", endDateTime: isoAt(3600) },
    { end: "gone (permanent now)", endDateTime: null },
  ])("lives again at once when its end is $end", ({ endDateTime }) => {
    expect(living([activation({ endDateTime })], buried).rows).toMatchObject([{ generation: 1 }]);
  });

  test("with a later end stays a ghost while the directory does not have the role: we may never have seen it extended", () => {
    expect(living([activation({ endDateTime: isoAt(3600) })], buried, 70, []).rows).toEqual([]);
  });

  test.each([
    { gives: "another assignment", over: { roleAssignmentScheduleId: "another", startDateTime: isoAt(-30) } },
    { gives: "what it is inherited from", over: { assignmentType: "Assigned", memberType: "Inherited" } },
  ] as const)(
    "with a later end stays a ghost while $gives gives the directory its row: five minutes of sightings tell",
    ({ over }) => {
      const rows = [activation({ endDateTime: isoAt(3600) }), activation(over)];
      expect(living(rows, buried).rows.map(({ key }) => key)).not.toContain(keyOf(activation(), 1));
      const seen = aState({ tombstones: [aTombstone({ shownSince: at(70) })] });
      expect(living(rows, seen, 371).rows).toContainEqual(expect.objectContaining({ key: keyOf(activation(), 1) }));
    },
  );

  test("with a later end lives again though a group gives the role as well: the directory's row is not the group's", () => {
    const rows = [
      activation({ endDateTime: isoAt(3600) }),
      activation({ assignmentType: "Assigned", memberType: "Group" }),
    ];
    expect(living(rows, buried, 70, [directoryRow(activation())]).rows).toMatchObject([{ generation: 1 }]);
  });

  test("with a later end that has passed as well is a ghost", () => {
    expect(living([activation({ endDateTime: isoAt(65) })], buried, 70).rows).toEqual([]);
  });

  test.each([
    { ended: "at the same time", end: isoAt(60.5), endDateTime: isoAt(60.5) },
    { ended: "earlier", end: isoAt(60.5), endDateTime: isoAt(30) },
    { ended: "and was permanent", end: null, endDateTime: isoAt(3600) },
  ])("is a ghost when it is listed to have ended $ended", ({ end, endDateTime }) => {
    const state = aState({ tombstones: [aTombstone({ end })] });
    expect(living([activation({ endDateTime })], state).rows).toEqual([]);
  });

  test("is compared with the newest of its ends", () => {
    const second = aTombstone({ key: keyOf(activation(), 1), generation: 1, end: isoAt(3600) });
    const state = aState({ tombstones: [aTombstone(), second] });
    expect(living([activation({ endDateTime: isoAt(1800) })], state).rows).toEqual([]);
    expect(living([activation({ endDateTime: isoAt(7200) })], state).rows).toMatchObject([{ generation: 2 }]);
  });
});

test("a permanent assignment made again after its tombstone was forgotten does not take the key of its old obligation", () => {
  const row = permanent();
  const state = aState({ obligations: [anObligation({ key: keyOf(row, 0) })] });
  expect(living([row], state).rows).toMatchObject([{ key: keyOf(row, 1), generation: 1 }]);
});

test("a directory watch does not stand for a schedule row", () => {
  const state = aState({ watches: [aWatch({ source: "directory" })] });
  expect(living([activation()], state).rows).toMatchObject([{ key: janesKey, generation: 0 }]);
});
