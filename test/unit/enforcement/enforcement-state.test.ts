import { describe, expect, test } from "vitest";
import {
  createControlStore,
  type EnforcementState,
  enterEnforcementState,
} from "../../../shared/enforcement/stop-and-resume.ts";
import type { Table } from "../../../shared/storage/table.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { at } from "../../fixtures/principal-builders.ts";

const enforce: EnforcementState = { mode: "enforce", stopped: false };

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

test("the first settings end no pause", async () => {
  const { table, resumption } = create();
  expect(await enterEnforcementState(table, enforce)).toBeNull();
  expect(await resumption()).toBeNull();
});

test.each<{ from: string; paused: EnforcementState }>([
  { from: "off", paused: { mode: "off", stopped: false } },
  { from: "reportOnly", paused: { mode: "reportOnly", stopped: true } },
  { from: "stop", paused: { mode: "enforce", stopped: true } },
])("leaving $from is reported once, and remembered with its times", async ({ from, paused }) => {
  const { table, goTo, resumption } = create();
  await enterEnforcementState(table, paused);
  goTo(100);
  const left = { from, since: at(0), at: at(100) };
  expect(await enterEnforcementState(table, enforce)).toEqual(left);
  goTo(200);
  expect(await enterEnforcementState(table, enforce)).toBeNull();
  expect(await resumption()).toEqual(left);
});

/** As the rotation of the secret does: the content stays, and storage's time moves. */
async function writeAnew(table: Table, row: string): Promise<void> {
  const { value } = await table.get("control", row);
  if (value === undefined) throw new Error(`There is no row ${row}.`);
  await table.commit("control", [{ type: "replace", row, content: value.content, etag: value.etag }]);
}

describe("a row that is written anew while the secret is rotated", () => {
  test("moves neither the beginning of a pause nor its end by settings", async () => {
    const { table, goTo, resumption } = create();
    await enterEnforcementState(table, { mode: "off", stopped: false });
    goTo(50);
    await writeAnew(table, "enforcement");
    goTo(100);
    const left = { from: "off", since: at(0), at: at(100) };
    expect(await enterEnforcementState(table, enforce)).toEqual(left);
    goTo(9000);
    await writeAnew(table, "enforcement");
    expect(await resumption()).toEqual(left);
  });

  test("moves neither the beginning of an operator's stop nor its end", async () => {
    const { table, control, goTo, resumption } = create();
    await control.stop();
    goTo(50);
    await writeAnew(table, "stop");
    goTo(100);
    await (await control.prepareLift())();
    goTo(9000);
    await writeAnew(table, "lifted");
    expect(await resumption()).toEqual({ from: "stop", since: at(0), at: at(100) });
  });
});

test("from one pause to another, and into one, nothing begins", async () => {
  const { table, resumption } = create();
  for (const state of [enforce, { mode: "off", stopped: false }, { mode: "reportOnly", stopped: false }] as const) {
    expect(await enterEnforcementState(table, state)).toBeNull();
    expect(await resumption()).toBeNull();
  }
});

test("of two instances that start at once one reports it", async () => {
  const { table } = create();
  await enterEnforcementState(table, { mode: "off", stopped: false });
  const recorded = await Promise.all([enterEnforcementState(table, enforce), enterEnforcementState(table, enforce)]);
  expect(recorded.filter((left) => left !== null)).toHaveLength(1);
});

test("storage's other failures are thrown", async () => {
  const { table } = create();
  const commit = () => Promise.reject(new TypeError("a bug"));
  await expect(enterEnforcementState({ ...table, commit }, enforce)).rejects.toThrow("a bug");
});

test("an operator's stop and resume count as well, the later of the two", async () => {
  const { table, control, goTo, resumption } = create();
  await enterEnforcementState(table, { mode: "off", stopped: false });
  goTo(10);
  await enterEnforcementState(table, enforce);
  goTo(20);
  await control.stop();
  goTo(30);
  await (await control.prepareLift())();
  expect(await resumption()).toEqual({ from: "stop", since: at(20), at: at(30) });
  goTo(40);
  await (await control.prepareLift())();
  expect(await resumption()).toMatchObject({ at: at(30) });
  await enterEnforcementState(table, { mode: "reportOnly", stopped: false });
  goTo(50);
  await enterEnforcementState(table, enforce);
  expect(await resumption()).toEqual({ from: "reportOnly", since: at(40), at: at(50) });
});
