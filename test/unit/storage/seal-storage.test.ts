import { expect, test } from "vitest";
import type { Secrets } from "../../../shared/base/keys.ts";
import { tableNames } from "../../../shared/storage/queue.ts";
import { sealStorage } from "../../../shared/storage/sealed-table.ts";
import { StorageSealError, StorageUnavailableError, type Table } from "../../../shared/storage/table.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";

const [first, second] = ["the first secret of this little test", "the second secret of this little test"];

function setUp() {
  const world = { now: 1_767_600_000_000 };
  const tables = new Map<string, Table>();
  const alarms: { readonly name: string; readonly properties: object }[] = [];
  const table = (name: string): Table => {
    const known = tables.get(name) ?? createMemoryTable({ now: () => world.now });
    tables.set(name, known);
    return known;
  };
  /** The app, started anew with other settings. */
  const start = (current: string, previous: string | null = null) => {
    const secrets: Secrets = { current, previous };
    return sealStorage({ table }, secrets, {
      clock: { monotonic: () => world.now },
      telemetry: {
        event: () => undefined,
        measure: () => undefined,
        alarm: (name, properties) => void alarms.push({ name, properties }),
      },
    });
  };
  return { world, table, alarms, start };
}

const write = (table: Table, row: string) =>
  table.commit("jane", [{ type: "upsert", row, content: { schema: 1, row } }]);
const read = async (table: Table) =>
  (await table.list("jane")).value.map(({ row, content, seal }) => ({ row, content, seal }));

test("rotating the secret loses nothing, and says when the previous one is no longer needed", async () => {
  const { world, start, alarms } = setUp();
  const before = start(first);
  await write(before.principals, "head");
  await write(before.state, "stop");
  await before.rotate();
  expect(await before.isRotated()).toBe(true);

  const during = start(second, first);
  expect(await read(during.principals)).toEqual([{ row: "head", content: { schema: 1, row: "head" }, seal: "old" }]);
  expect(await during.isRotated()).toBe(false);
  await during.rotate();
  expect(await read(during.principals)).toMatchObject([
    { row: "head", content: { schema: 1, row: "head" }, seal: "valid" },
  ]);
  // An instance that was started before the change may still have written.
  await write(before.principals, "late");
  world.now += 60_000;
  await during.rotate();
  expect(await during.isRotated()).toBe(false);
  world.now += 60_000;
  await during.rotate();
  expect(await during.isRotated()).toBe(true);

  const after = start(second);
  expect(await read(after.principals)).toMatchObject([
    { row: "head", content: { schema: 1, row: "head" }, seal: "valid" },
    { row: "late", content: { schema: 1, row: "late" }, seal: "valid" },
  ]);
  expect(await read(after.state)).toMatchObject([{ row: "stop", seal: "valid" }]);
  expect(alarms).toEqual([]);
});

test("with a secret that the rows do not know nothing is read or written, and nothing is lost", async () => {
  const { start } = setUp();
  await write(start(first).principals, "head");
  const wrong = start(second);
  for (const call of [
    () => wrong.principals.get("jane", "head"),
    () => wrong.principals.list("jane"),
    () => write(wrong.principals, "head"),
    async () => {
      for await (const row of wrong.principals.scan("")) throw new Error(row.row);
    },
  ]) {
    await expect(call()).rejects.toThrow(StorageSealError);
    await expect(call()).rejects.toThrow("CUTOFF_SECRET_PREVIOUS");
    await expect(call()).rejects.toThrow(StorageUnavailableError);
  }
  expect(await read(start(second, first).principals)).toMatchObject([{ row: "head", seal: "old" }]);
});

test("a secret removed too early is noticed as long as something is sealed with it", async () => {
  const { start } = setUp();
  await write(start(first).principals, "head");
  const during = start(second, first);
  await during.rotate();
  await expect(read(start(second).principals)).rejects.toThrow(StorageSealError);
});

test("a forged row is raised with its place and nothing of its content", async () => {
  const { start, table, alarms } = setUp();
  const { principals } = start(first);
  await table(tableNames.principals).commit("jane", [
    { type: "upsert", row: "head", content: { schema: 1, name: "Jane Doe" } },
  ]);
  await read(principals);
  const properties = { table: "principals", partition: "jane", row: "head", seal: "broken" };
  expect(alarms).toEqual([{ name: "rowForged", properties }]);
});

test("an operator who has lost the secret begins anew by removing the check", async () => {
  const { start, table } = setUp();
  await write(start(first).principals, "head");
  const { value } = await table(tableNames.state).get("seal", "check");
  await table(tableNames.state).commit("seal", [{ type: "delete", row: "check", etag: value?.etag ?? "" }]);
  expect(await read(start(second).principals)).toMatchObject([{ row: "head", content: undefined, seal: "broken" }]);
});
