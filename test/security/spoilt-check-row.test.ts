import { expect, test } from "vitest";
import { tableNames } from "../../shared/storage/queue.ts";
import { sealStorage } from "../../shared/storage/sealed-table.ts";
import { StorageSealError, type Table } from "../../shared/storage/table.ts";
import { createMemoryTable } from "../fixtures/memory-storage.ts";

const [ours, theirs] = ["a secret of at least thirty-two characters", "another secret, of thirty-two characters too"];

/** The app's storage, in which its state of Jane lies, and a writer without the key. */
async function setUp() {
  const now = Date.UTC(2026, 0, 5, 9);
  const raw = { principals: createMemoryTable({ now: () => now }), state: createMemoryTable({ now: () => now }) };
  const recorded: unknown[] = [];
  const start = (current = ours, previous: string | null = null) =>
    sealStorage(
      { table: (name) => (name === tableNames.state ? raw.state : raw.principals) },
      { current, previous },
      {
        clock: { monotonic: () => now },
        telemetry: {
          event: () => undefined,
          measure: () => undefined,
          alarm: (name, properties) => void recorded.push({ name, ...properties }),
        },
      },
    );
  const spoil = async (table: Table, partition: string, row: string) => {
    await table.commit(partition, [{ type: "upsert", row, content: { schema: 1 } }]);
  };
  await start().principals.commit("jane", [{ type: "upsert", row: "head", content: { schema: 1 } }]);
  return { raw, recorded, start, spoil };
}

const janeOf = async ({ principals }: ReturnType<Awaited<ReturnType<typeof setUp>>["start"]>) =>
  (await principals.get("jane", "head")).value?.seal;

test("a spoilt check row stops no new instance: it is raised, and written anew", async () => {
  const { raw, recorded, start, spoil } = await setUp();
  await spoil(raw.state, "seal", "check");
  expect(await janeOf(start())).toBe("valid");
  expect(recorded).toEqual([{ name: "rowForged", table: "state", partition: "seal", row: "check", seal: "broken" }]);
  // The next instance meets a good one.
  expect(await janeOf(start())).toBe("valid");
  expect(recorded).toHaveLength(1);
});

test("one good row among spoilt ones is enough", async () => {
  const { raw, start, spoil } = await setUp();
  await spoil(raw.state, "seal", "check");
  for (const partition of ["anna", "omar"]) await spoil(raw.principals, partition, "head");
  expect(await janeOf(start())).toBe("valid");
});

test("who puts the check row of another deployment there stops nothing either", async () => {
  const [mine, another] = [await setUp(), await setUp()];
  await another.raw.state.commit("seal", [
    { type: "delete", row: "check", etag: (await another.raw.state.get("seal", "check")).value?.etag ?? "" },
  ]);
  await janeOf(another.start(theirs));
  const { value } = await another.raw.state.get("seal", "check");
  await mine.raw.state.commit("seal", [{ type: "upsert", row: "check", content: value?.content }]);
  expect(await janeOf(mine.start())).toBe("valid");
});

test("while the secret is rotated it does not make the previous one seem needless", async () => {
  const { raw, start, spoil } = await setUp();
  await spoil(raw.state, "seal", "check");
  const during = start(theirs, ours);
  expect(await janeOf(during)).toBe("old");
  expect(await during.isRotated()).toBe(false);
  await during.rotate();
  const later = start(theirs, ours);
  await later.rotate();
  expect(await later.isRotated()).toBe(true);
  expect(await janeOf(start(theirs))).toBe("valid");
  expect((await raw.state.list("seal")).value.map(({ row }) => row)).toEqual(["check"]);
});

test("a wrong secret is still noticed, and writes nothing", async () => {
  const { raw, recorded, start, spoil } = await setUp();
  const before = (await raw.state.list("seal")).value;
  await expect(janeOf(start(theirs))).rejects.toThrow(StorageSealError);
  expect((await raw.state.list("seal")).value).toEqual(before);
  await spoil(raw.state, "seal", "check");
  await expect(janeOf(start(theirs))).rejects.toThrow(StorageSealError);
  // No alarm for each of the rows, which are all sealed with another.
  expect(recorded.filter((one) => JSON.stringify(one).includes("jane"))).toEqual([]);
});
