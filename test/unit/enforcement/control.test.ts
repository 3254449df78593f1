import { describe, expect, test } from "vitest";
import { createControlStore } from "../../../shared/enforcement/stop-and-resume.ts";
import { StorageRowError } from "../../../shared/storage/table.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { at } from "../../fixtures/principal-builders.ts";

const create = () => {
  const table = createMemoryTable({ now: () => at(0) });
  return { table, control: createControlStore(table) };
};

test("in the beginning nothing is stopped or throttled", async () => {
  expect(await create().control.read()).toEqual({
    stopped: false,
    throttledUntil: null,
    resumption: null,
    storageTime: at(0),
  });
});

test("a stop holds until it is lifted, whatever the throttling", async () => {
  const { control } = create();
  await control.stop();
  await control.throttle(at(30));
  expect(await control.read()).toMatchObject({ stopped: true, throttledUntil: at(30) });
  await (await control.prepareLift())();
  expect(await control.read()).toMatchObject({ stopped: false, throttledUntil: at(30) });
});

describe("a resume lifts the stop that was in force when it began, and no later one:", () => {
  test("a first stop that is ordered meanwhile stays", async () => {
    const { control } = create();
    const lift = await control.prepareLift();
    await control.stop();
    expect(await lift()).toBe(false);
    expect(await control.read()).toMatchObject({ stopped: true });
  });

  test("a stop that is ordered again while it is in force stays", async () => {
    const { control } = create();
    await control.stop();
    const lift = await control.prepareLift();
    await control.stop();
    expect(await lift()).toBe(false);
    expect(await control.read()).toMatchObject({ stopped: true, resumption: null });
  });

  test.each([
    { ordered: "before it, by a process that was frozen then", orderedAt: at(-1), isLifted: false },
    { ordered: "in the same second", orderedAt: at(0), isLifted: true },
  ])("a stop that was there when it was read stays when the resume was ordered $ordered: $isLifted", async (one) => {
    const { control } = create();
    await control.stop();
    expect(await (await control.prepareLift(one.orderedAt))()).toBe(one.isLifted);
    expect(await control.read()).toMatchObject({ stopped: !one.isLifted });
  });

  test("two resumes of one stop are both content", async () => {
    const { control } = create();
    await control.stop();
    const [one, another] = [await control.prepareLift(), await control.prepareLift()];
    expect([await one(), await another()]).toEqual([true, true]);
    expect(await control.read()).toMatchObject({ stopped: false });
  });
});

test.each(["stop", "throttle"])(
  "a %s that this version cannot read is refused, never taken for its absence",
  async (row) => {
    const { table, control } = create();
    await table.commit("control", [{ type: "upsert", row, content: { schema: 2, stopped: true } }]);
    await expect(control.read()).rejects.toThrow(StorageRowError);
  },
);
