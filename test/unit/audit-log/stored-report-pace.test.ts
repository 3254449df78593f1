import { expect, it } from "vitest";
import { createStoredReportPace } from "../../../shared/audit-log/shared-state.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { testClock } from "../graph/harness.ts";

function twoInstances() {
  const clock = testClock();
  const table = createMemoryTable({ now: () => clock.monotonic() });
  return { clock, table, one: createStoredReportPace(table, clock), other: createStoredReportPace(table, clock) };
}

it("gives two instances together no more than five turns in ten seconds, whatever comes when", async () => {
  const { clock, one, other } = twoInstances();
  const sent: number[] = [];
  for (let ask = 0; ask < 200; ask += 1) {
    clock.pass((ask * 7919) % 4_001);
    await (ask % 3 === 0 ? one : other).turn("next");
    sent.push(clock.monotonic());
  }
  const inTenSeconds = sent.map((from) => sent.filter((time) => time >= from && time <= from + 10_000).length);
  expect(Math.max(...inTenSeconds)).toBeLessThanOrEqual(5);
  expect(Math.max(...inTenSeconds)).toBeGreaterThanOrEqual(4);
});

it("sends one instance away until later when another has taken the turns", async () => {
  const { one, other } = twoInstances();
  await one.turn("first");
  await one.turn("first");
  await expect(other.turn("first")).rejects.toMatchObject({ code: "reportPace", reason: "throttled" });
});

it("gives each turn once when both ask in the same moment", async () => {
  const { clock, one, other } = twoInstances();
  await Promise.all([one.turn("next"), other.turn("next")]);
  expect(clock.sleeps).toEqual([]);
  const refused = expect.objectContaining({ code: "reportPace" });
  await expect(Promise.all([one.turn("first"), other.turn("first")])).rejects.toEqual(refused);
});

it("is not kept waiting by a turn that lies absurdly far ahead", async () => {
  const { clock, table, one } = twoInstances();
  const content = { schema: 1, takenUntil: clock.monotonic() + 3_600_000 };
  await table.commit("audit", [{ type: "insert", row: "pace", content }]);
  await one.turn("first");
  expect(clock.sleeps).toEqual([]);
});
