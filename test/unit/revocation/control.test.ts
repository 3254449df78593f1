import { expect, test } from "vitest";
import { createControlStore } from "../../../shared/revocation/control.ts";
import { createMemoryTable } from "../../../shared/storage/memory-table.ts";
import { StorageRowError } from "../../../shared/storage/storage-errors.ts";
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
  await control.stop(true);
  await control.throttle(at(30));
  expect(await control.read()).toMatchObject({ stopped: true, throttledUntil: at(30) });
  await control.stop(false);
  expect(await control.read()).toMatchObject({ stopped: false, throttledUntil: at(30) });
});

test.each(["stop", "throttle"])(
  "a %s that this version cannot read is refused, never taken for its absence",
  async (row) => {
    const { table, control } = create();
    await table.commit("control", [{ type: "upsert", row, content: { schema: 2, stopped: true } }]);
    await expect(control.read()).rejects.toThrow(StorageRowError);
  },
);
