import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createLanes } from "../../../shared/notify/send.ts";

function create() {
  let now = 0;
  /** Sleeps once everything that can happen at this time has happened. */
  const sleep = async (ms: number) => {
    await setImmediate();
    now += ms;
  };
  const lanes = createLanes({ monotonic: () => now, sleep });
  const open: (() => void)[] = [];
  const hang = () => new Promise<"done">((resolve) => open.push(() => resolve("done")));
  return { lanes, hang, open };
}

test("quick work waits for room and is done", async () => {
  const { lanes } = create();
  const works = Array.from({ length: 20 }, (_, n) => lanes.run(1, async () => n));
  expect(await Promise.all(works)).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

test("nobody waits behind work that hangs, and another channel has all its room", async () => {
  const { lanes, hang, open } = create();
  const hanging = Array.from({ length: 4 }, () => lanes.run(1, hang));
  expect(await lanes.run(1, async () => "late")).toBeNull();
  expect(await lanes.run(2, async () => "quick")).toBe("quick");
  for (const end of open) end();
  expect(await Promise.all(hanging)).toEqual(["done", "done", "done", "done"]);
  expect(await lanes.run(1, async () => "again")).toBe("again");
});

test("work that fails gives its room back", async () => {
  const { lanes } = create();
  for (let n = 0; n < 5; n += 1)
    await expect(lanes.run(1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await lanes.run(1, async () => "well")).toBe("well");
});
