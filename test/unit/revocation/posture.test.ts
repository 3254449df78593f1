import { expect, test } from "vitest";
import { createControlStore } from "../../../shared/revocation/control.ts";
import { enterPosture, type Posture } from "../../../shared/revocation/posture.ts";
import { createMemoryTable } from "../../../shared/storage/memory-table.ts";
import { at } from "../../fixtures/principal-builders.ts";

const enforce: Posture = { mode: "enforce", stopped: false };

function create() {
  let now = at(0);
  const table = createMemoryTable({ now: () => now });
  const control = createControlStore(table);
  return {
    table,
    control,
    goTo: (seconds: number) => {
      now = at(seconds);
    },
    resumption: async () => (await control.read()).resumption,
  };
}

test("the first settings end no rest", async () => {
  const { table, resumption } = create();
  expect(await enterPosture(table, enforce)).toBeNull();
  expect(await resumption()).toBeNull();
});

test.each<{ from: string; rest: Posture }>([
  { from: "off", rest: { mode: "off", stopped: false } },
  { from: "reportOnly", rest: { mode: "reportOnly", stopped: true } },
  { from: "stop", rest: { mode: "enforce", stopped: true } },
])("leaving $from is told once, and remembered with its times", async ({ from, rest }) => {
  const { table, goTo, resumption } = create();
  await enterPosture(table, rest);
  goTo(100);
  const left = { from, since: at(0), at: at(100) };
  expect(await enterPosture(table, enforce)).toEqual(left);
  goTo(200);
  expect(await enterPosture(table, enforce)).toBeNull();
  expect(await resumption()).toEqual(left);
});

test("from one rest to another, and into one, nothing begins", async () => {
  const { table, resumption } = create();
  for (const posture of [enforce, { mode: "off", stopped: false }, { mode: "reportOnly", stopped: false }] as const) {
    expect(await enterPosture(table, posture)).toBeNull();
    expect(await resumption()).toBeNull();
  }
});

test("of two instances that start at once one tells it", async () => {
  const { table } = create();
  await enterPosture(table, { mode: "off", stopped: false });
  const told = await Promise.all([enterPosture(table, enforce), enterPosture(table, enforce)]);
  expect(told.filter((left) => left !== null)).toHaveLength(1);
});

test("storage's other failures are not hidden", async () => {
  const { table } = create();
  const commit = () => Promise.reject(new TypeError("a bug"));
  await expect(enterPosture({ ...table, commit }, enforce)).rejects.toThrow("a bug");
});

test("an operator's stop and resume count as well, the later of the two", async () => {
  const { table, control, goTo, resumption } = create();
  await enterPosture(table, { mode: "off", stopped: false });
  goTo(10);
  await enterPosture(table, enforce);
  goTo(20);
  await control.stop();
  goTo(30);
  await (await control.prepareLift())();
  expect(await resumption()).toEqual({ from: "stop", since: at(20), at: at(30) });
  goTo(40);
  await (await control.prepareLift())();
  expect(await resumption()).toMatchObject({ at: at(30) });
  await enterPosture(table, { mode: "reportOnly", stopped: false });
  goTo(50);
  await enterPosture(table, enforce);
  expect(await resumption()).toEqual({ from: "reportOnly", since: at(40), at: at(50) });
});
