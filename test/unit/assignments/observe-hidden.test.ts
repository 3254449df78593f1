import { describe, expect, test } from "vitest";
import { observe } from "../../../shared/assignments/observe.ts";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { RoleInstance } from "../../../shared/graph/graph.ts";
import { activation, directoryRow, jane } from "../../fixtures/fake-world.ts";
import { aState, at, aWatch, isoAt, janesKey } from "../../fixtures/principal-builders.ts";

const later = isoAt(7200);
const first = activation({ endDateTime: later });
const second = activation({ endDateTime: later, roleAssignmentScheduleId: "second", startDateTime: isoAt(-1200) });

/** The directory shows the role whatever the list shows. */
function look(
  state: PrincipalState,
  seconds: number,
  listed: readonly RoleInstance[],
  inDirectory = true,
): PrincipalState {
  const value = {
    instances: listed,
    directory: inDirectory ? [directoryRow(first)] : [],
    user: { id: jane, external: false, sessionsValidFrom: null },
  };
  const principal = { value, date: at(seconds), at: at(seconds) };
  return observe(state, { principal, paths: [] }, "resync", defaultTimings).state;
}

const overlapping = look(aState({ watches: [aWatch({ end: later, listedEnd: later })] }), 0, [first, second]);

test("a row that only the list hides has not ended while another one explains the directory's", () => {
  const hidden = [10, 20, 200].reduce((state, seconds) => look(state, seconds, [second]), overlapping);
  expect(hidden.watches.get(janesKey)).toMatchObject({ unlistedSince: at(10), absence: null });
  expect(look(hidden, 210, [first, second]).watches.get(janesKey)?.unlistedSince).toBeNull();
});

test("one that the list hides for longer than a replica may lag has ended", () => {
  const seconds = [10, 120, 220, 309, 311, 317];
  const hidden = seconds.reduce((state, at) => look(state, at, [second]), overlapping);
  expect(hidden.watches.has(janesKey)).toBe(false);
});

test("one that was hidden before and after minutes without a look may have been shown meanwhile", () => {
  const hidden = [10, 131, 251, 317].reduce((state, seconds) => look(state, seconds, [second]), overlapping);
  expect(hidden.watches.get(janesKey)).toMatchObject({
    unlistedSince: at(10),
    hidden: { since: at(131), last: at(317) },
  });
  expect([432, 438].reduce((state, seconds) => look(state, seconds, [second]), hidden).watches.has(janesKey)).toBe(
    false,
  );
});

describe("a row that only the list hides once its end has come", () => {
  const soon = isoAt(60.5);
  const other = activation({ endDateTime: later, roleAssignmentScheduleId: "second", startDateTime: isoAt(-1200) });
  const first = activation({ endDateTime: soon });
  const watched = look(aState({ watches: [aWatch()] }), 0, [first, other]);

  test("has ended if it was listed until then", () => {
    const ended = look(look(watched, 56, [first, other]), 62, [other]);
    expect(ended.watches.has(janesKey)).toBe(false);
    expect(ended.obligations.size).toBe(1);
  });

  test("may have been extended while nobody looked", () => {
    const hidden = [62, 150].reduce(
      (state, seconds) => look(state, seconds, [other]),
      look(watched, 40, [first, other]),
    );
    expect(hidden.watches.get(janesKey)).toMatchObject({ absence: null, overdueRaised: false });
    const extended = look(hidden, 200, [activation({ endDateTime: isoAt(500) }), other]);
    expect(extended.obligations.size).toBe(0);
    expect(extended.watches.get(janesKey)).toMatchObject({ end: isoAt(500), unlistedSince: null });
  });
});

describe("a row that the list shows again after it alone had told its end", () => {
  const soon = activation({ endDateTime: isoAt(60.5) });
  const other = activation({ endDateTime: isoAt(50), roleAssignmentScheduleId: "second", startDateTime: isoAt(-1200) });
  const watched = look(aState({ watches: [aWatch()] }), 0, [soon, other]);
  const told = look(look(watched, 56, [soon, other]), 62, [other]);

  test("is told once, and keeps the other one from being over until the list drops it as well", () => {
    expect([...told.obligations.keys()]).toEqual([janesKey]);
    const takenBack = [70, 130, 372].reduce((state, seconds) => look(state, seconds, [soon], false), told);
    expect([...takenBack.obligations.keys()]).toEqual([janesKey]);
    expect([...takenBack.watches.values()]).toMatchObject([
      { scheduleId: "second", absence: null, overdueRaised: true },
    ]);
    const over = look(takenBack, 380, [], false);
    expect(over.watches.size).toBe(0);
    expect([...over.obligations.values()].map(({ cutOff }) => cutOff)).toEqual([at(62), at(380)]);
  });

  test("keeps nothing from being over where the directory had denied it too", () => {
    const both = look(look(watched, 56, [soon]), 62, [], false);
    expect(both.watches.size).toBe(0);
    const anew = activation({ endDateTime: isoAt(80), roleAssignmentScheduleId: "third", startDateTime: isoAt(63) });
    const shown = look(look(both, 65, [soon, anew]), 79, [soon, anew]);
    expect(look(shown, 82, [soon], false).watches.size).toBe(0);
  });
});

test("both are judged once the directory drops the role", () => {
  const gone = [20, 26, 81].reduce(
    (state, seconds) => look(state, seconds, [], false),
    look(overlapping, 10, [second]),
  );
  expect(gone.watches.size).toBe(0);
  expect(gone.obligations.size).toBe(2);
});
