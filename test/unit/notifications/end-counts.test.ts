import { expect, test } from "vitest";
import { changeEndCounts, countEnd, judgeOpen, loadEndCounts } from "../../../shared/notifications/reliability.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { at } from "../../fixtures/principal-builders.ts";

const none = { notified: 0, late: 0, missed: 0, open: [] };
const resource = "groups/1/members";
const hours = (count: number) => count * 3600;

test("an end that its notification found is reported; any other may still be", () => {
  expect(countEnd(none, resource, true, at(0))).toEqual({ ...none, notified: 1 });
  expect(countEnd(none, resource, false, at(0))).toEqual({ ...none, open: [{ resource, foundAt: at(0) }] });
});

test("what is open is late when its subscription delivers, and missed when Graph has given up", () => {
  const open = countEnd(none, resource, false, at(0));
  expect(judgeOpen(open, new Map(), at(hours(4) - 1))).toEqual(open);
  expect(judgeOpen(open, new Map([[resource, at(-61)]]), at(60))).toEqual(open);
  expect(judgeOpen(open, new Map([[resource, at(20)]]), at(60))).toEqual({ ...none, late: 1 });
  expect(judgeOpen(open, new Map([["groups/2/members", at(20)]]), at(hours(4)))).toEqual({ ...none, missed: 1 });
});

test("two instances that count at once lose nothing", async () => {
  const state = createMemoryTable({ now: () => at(0) });
  const count = () => changeEndCounts(state, (ends, now) => countEnd(ends, resource, true, now));
  await Promise.all([count(), count(), count()]);
  expect(await loadEndCounts(state)).toEqual({ ...none, notified: 3 });
});
