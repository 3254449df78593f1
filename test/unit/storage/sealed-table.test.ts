import { expect, test } from "vitest";
import { deriveKeys } from "../../../shared/base/keys.ts";
import { freshFor } from "../../../shared/storage/seal.ts";
import { createSealedTable } from "../../../shared/storage/sealed-table.ts";
import { type Row, StorageConflictError, type Table } from "../../../shared/storage/table.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";

const start = 1_767_600_000_000;
const keys = deriveKeys({ current: "a secret of at least thirty-two characters", previous: null }, "seal");
const content = { schema: 1, stopped: true };

function setUp() {
  // Storage's clock runs on; ours is another one, and a process may stand still.
  const world = { storage: start, ours: 7, freezeBeforeCommit: 0 };
  const raw = createMemoryTable({ now: () => world.storage });
  const forged: { readonly row: string; readonly seal: string }[] = [];
  const inner: Table = {
    ...raw,
    async commit(partition, operations) {
      world.storage += world.freezeBeforeCommit;
      world.freezeBeforeCommit = 0;
      return raw.commit(partition, operations);
    },
  };
  const table = createSealedTable(inner, {
    name: "state",
    keys,
    clock: { monotonic: () => world.ours },
    onForged: ({ row, seal }) => void forged.push({ row, seal }),
  });
  const pass = (milliseconds: number) => {
    world.storage += milliseconds;
    world.ours += milliseconds;
  };
  return { table, raw, world, forged, pass };
}

const sealOf = (row: Row | undefined) => row?.seal;

test("rows come back without their seal, by every way of reading, and stored they have it", async () => {
  const { table, raw, forged } = setUp();
  await table.commit("control", [{ type: "insert", row: "stop", content }]);
  const expected = { row: "stop", content, seal: "valid" };
  expect((await table.get("control", "stop")).value).toMatchObject(expected);
  expect((await table.list("control", "st")).value).toMatchObject([expected]);
  const scanned: Row[] = [];
  for await (const row of table.scan("")) scanned.push(row);
  expect(scanned).toMatchObject([expected]);
  expect((await raw.get("control", "stop")).value?.content).toEqual({ ...content, seal: expect.any(String) });
  expect(forged).toEqual([]);
});

test("its etags are storage's: conditions work as on any table", async () => {
  const { table } = setUp();
  const { value } = await table.commit("control", [{ type: "insert", row: "stop", content }]);
  const etag = value.get("stop") ?? "";
  await table.commit("control", [{ type: "replace", row: "stop", content, etag }]);
  const stale = table.commit("control", [{ type: "delete", row: "stop", etag }]);
  await expect(stale).rejects.toThrow(StorageConflictError);
});

test("a forged row comes without content and is reported, each time", async () => {
  const { table, raw, forged } = setUp();
  await raw.commit("control", [{ type: "insert", row: "stop", content }]);
  const { value } = await table.get("control", "stop");
  expect(value).toMatchObject({ content: undefined, seal: "broken", etag: expect.any(String) });
  await table.list("control");
  for await (const row of table.scan("")) expect(row.seal).toBe("broken");
  expect(forged).toEqual(Array(3).fill({ row: "stop", seal: "broken" }));
});

test("a row that was put back after a while is recognised by storage's own time of the write", async () => {
  const { table, raw, forged, pass } = setUp();
  await table.commit("control", [{ type: "insert", row: "stop", content }]);
  const old = (await raw.get("control", "stop")).value?.content;
  pass(freshFor * 2);
  await table.commit("control", [{ type: "upsert", row: "stop", content: { ...content, stopped: false } }]);
  expect(sealOf((await table.get("control", "stop")).value)).toBe("valid");
  await raw.commit("control", [{ type: "upsert", row: "stop", content: old }]);
  expect((await table.get("control", "stop")).value).toMatchObject({ seal: "replayed", content: undefined });
  expect(forged).toEqual([{ row: "stop", seal: "replayed" }]);
});

test("the time is storage's, wherever our clock stands and however long we waited since the last answer", async () => {
  const { table, pass } = setUp();
  await table.get("control", "stop");
  pass(10 * freshFor);
  await table.commit("control", [{ type: "insert", row: "stop", content }]);
  pass(10 * freshFor);
  expect(sealOf((await table.get("control", "stop")).value)).toBe("valid");
});

test("a process that stood still between sealing and sending seals once more", async () => {
  const { table, world, forged } = setUp();
  await table.commit("control", [{ type: "insert", row: "gone", content }]);
  const etag = (await table.get("control", "gone")).value?.etag ?? "";
  world.freezeBeforeCommit = 3 * freshFor;
  const { value } = await table.commit("control", [
    { type: "insert", row: "stop", content },
    { type: "delete", row: "gone", etag },
  ]);
  const { value: rows } = await table.list("control");
  expect(rows).toMatchObject([{ row: "stop", seal: "valid", etag: value.get("stop") }]);
  expect(forged).toEqual([]);
});

test("if another instance has written meanwhile, its row stays", async () => {
  const { table, raw, world } = setUp();
  await table.get("control", "stop");
  const theirs = { schema: 1, stopped: false };
  const commit = raw.commit.bind(raw);
  const spy: { writes: number } = { writes: 0 };
  const racing = createSealedTable(
    {
      ...raw,
      async commit(partition, operations) {
        spy.writes += 1;
        if (spy.writes === 1) world.storage += 3 * freshFor;
        const written = await commit(partition, operations);
        if (spy.writes === 1) await table.commit(partition, [{ type: "upsert", row: "stop", content: theirs }]);
        return written;
      },
    },
    { name: "state", keys, clock: { monotonic: () => world.ours }, onForged: () => undefined },
  );
  await racing.commit("control", [{ type: "upsert", row: "stop", content }]);
  expect(spy.writes).toBe(2);
  expect((await table.get("control", "stop")).value?.content).toEqual(theirs);
});
