import { expect, test } from "vitest";
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
  const hidden = [10, 200, 309, 311, 317].reduce((state, seconds) => look(state, seconds, [second]), overlapping);
  expect(hidden.watches.has(janesKey)).toBe(false);
});

test("both are judged once the directory drops the role", () => {
  const gone = [20, 26, 81].reduce(
    (state, seconds) => look(state, seconds, [], false),
    look(overlapping, 10, [second]),
  );
  expect(gone.watches.size).toBe(0);
  expect(gone.obligations.size).toBe(2);
});
