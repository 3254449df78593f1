import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Operation,
  type Row,
  StorageConflictError,
  StorageLimitError,
  type Table,
} from "../../shared/storage/table.ts";
import { type Stores, stores } from "./stores.ts";

const insert = (row: string, content: unknown = { row }): Operation => ({ type: "insert", row, content });
const numbered = (count: number): Operation[] =>
  Array.from({ length: count }, (_, index) => insert(`row-${String(index).padStart(5, "0")}`, { index }));

describe.each(stores)("a table in %s", (_, start) => {
  let running: Stores;
  let table: Table;

  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running.stop());
  beforeEach(() => {
    table = running.table();
  });

  const get = async (row: string, partition = "p") => (await table.get(partition, row)).value;
  const rowsOf = async (partition: string, prefix?: string) =>
    (await table.list(partition, prefix)).value.map(({ row }) => row);
  const etagOf = async (row: string) => (await get(row))?.etag ?? "missing";

  test("a row that nobody wrote is undefined", async () => {
    expect(await get("nothing")).toBeUndefined();
    expect(await rowsOf("p")).toEqual([]);
  });

  test("a row comes back with its keys, its document and the etag that the commit returned", async () => {
    const { value: etags } = await table.commit("p", [insert("a", { n: 1, deep: { list: [null, true, "x"] } })]);
    expect(await get("a")).toEqual({
      partition: "p",
      row: "a",
      etag: etags.get("a"),
      timestamp: expect.any(Number),
      content: { n: 1, deep: { list: [null, true, "x"] } },
    });
    expect(await get("a", "other")).toBeUndefined();
  });

  test("storage gives its own time with every answer and every row", async () => {
    const committed = await table.commit("p", [insert("a")]);
    const read = await table.get("p", "a");
    const listed = await table.list("p");
    const missing = await table.get("p", "missing");
    expect(read.storageTime).toBeGreaterThanOrEqual(committed.storageTime);
    expect(listed.storageTime).toBeGreaterThanOrEqual(read.storageTime);
    expect(missing.storageTime).toBeGreaterThanOrEqual(listed.storageTime);
    expect(committed.storageTime % 1000).toBe(0);
    expect(read.value?.timestamp).toBeGreaterThan(committed.storageTime - 1000);
    expect(read.value?.timestamp).toBeLessThan(read.storageTime + 1000);
  });

  test("what was written is a copy", async () => {
    const content = { list: [1] };
    await table.commit("p", [insert("a", content)]);
    content.list.push(2);
    expect((await get("a"))?.content).toEqual({ list: [1] });
  });

  test("what has no JSON form is refused", async () => {
    await expect(table.commit("p", [insert("a"), insert("b", () => 1)])).rejects.toThrow(TypeError);
    expect(await rowsOf("p")).toEqual([]);
  });

  test("unicode survives, even half of a pair", async () => {
    const content = { text: "Zoë 東京 😀 \u0000 ' \" \\ \r\n --batch", half: "\uD83D" };
    await table.commit("p", [insert("a", content)]);
    expect((await get("a"))?.content).toEqual(content);
  });

  test("keys may hold every printable ASCII character but four", async () => {
    const key = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index)).replace(/[/\\#?]/g, "");
    const { value: etags } = await table.commit(key, [insert(key, 1)]);
    const row = { partition: key, row: key, content: 1 };
    expect((await table.get(key, key)).value).toMatchObject(row);
    expect((await table.list(key, key)).value).toMatchObject([row]);
    await table.commit(key, [{ type: "delete", row: key, etag: etags.get(key) ?? "missing" }]);
    expect((await table.get(key, key)).value).toBeUndefined();
  });

  test.each(["a/b", "a\\b", "a#b", "a?b", "a\tb", "é", "", "x".repeat(513)])("key %j is refused", async (key) => {
    await expect(table.get("p", key)).rejects.toThrow(StorageLimitError);
    await expect(table.get(key, "r")).rejects.toThrow(StorageLimitError);
    await expect(table.list(key)).rejects.toThrow(StorageLimitError);
    await expect(table.commit("p", [insert(key)])).rejects.toThrow(StorageLimitError);
    await expect(table.commit(key, [insert("r")])).rejects.toThrow(StorageLimitError);
  });

  describe("conditions", () => {
    test("insert fails when the row exists", async () => {
      await table.commit("p", [insert("a", 1)]);
      await expect(table.commit("p", [insert("a", 2)])).rejects.toThrow(StorageConflictError);
      expect((await get("a"))?.content).toBe(1);
    });

    test("replace needs the newest etag", async () => {
      await table.commit("p", [insert("a", 1)]);
      const first = await etagOf("a");
      await table.commit("p", [{ type: "replace", row: "a", content: 2, etag: first }]);
      await expect(table.commit("p", [{ type: "replace", row: "a", content: 3, etag: first }])).rejects.toThrow(
        StorageConflictError,
      );
      expect((await get("a"))?.content).toBe(2);
    });

    test("delete needs the newest etag", async () => {
      await table.commit("p", [insert("a", 1)]);
      const first = await etagOf("a");
      await table.commit("p", [{ type: "upsert", row: "a", content: 2 }]);
      await expect(table.commit("p", [{ type: "delete", row: "a", etag: first }])).rejects.toThrow(
        StorageConflictError,
      );
      await table.commit("p", [{ type: "delete", row: "a", etag: await etagOf("a") }]);
      expect(await get("a")).toBeUndefined();
    });

    test("replace and delete of a row that is gone fail", async () => {
      await table.commit("p", [insert("a", 1)]);
      const etag = await etagOf("a");
      await table.commit("p", [{ type: "delete", row: "a", etag }]);
      await expect(table.commit("p", [{ type: "replace", row: "a", content: 2, etag }])).rejects.toThrow(
        StorageConflictError,
      );
      await expect(table.commit("p", [{ type: "delete", row: "a", etag }])).rejects.toThrow(StorageConflictError);
    });

    test("a row that came back has another etag", async () => {
      await table.commit("p", [insert("a", 1)]);
      const etag = await etagOf("a");
      await table.commit("p", [{ type: "delete", row: "a", etag }]);
      await table.commit("p", [insert("a", 1)]);
      await expect(table.commit("p", [{ type: "delete", row: "a", etag }])).rejects.toThrow(StorageConflictError);
    });

    test("the etag * is not a way around the condition", async () => {
      await table.commit("p", [insert("a", 1)]);
      await expect(table.commit("p", [{ type: "delete", row: "a", etag: "*" }])).rejects.toThrow(StorageConflictError);
      await expect(table.commit("p", [{ type: "replace", row: "a", content: 2, etag: "*" }])).rejects.toThrow(
        StorageConflictError,
      );
      expect((await get("a"))?.content).toBe(1);
    });

    test("upsert writes a new row and replaces an old one whole", async () => {
      await table.commit("p", [{ type: "upsert", row: "a", content: { old: "x".repeat(100_000) } }]);
      await table.commit("p", [{ type: "upsert", row: "a", content: { new: true } }]);
      expect((await get("a"))?.content).toEqual({ new: true });
    });

    test("of many writers with one etag exactly one wins", async () => {
      await table.commit("p", [insert("a", 0)]);
      const etag = await etagOf("a");
      const writers = Array.from({ length: 8 }, (_, writer) =>
        table.commit("p", [{ type: "replace", row: "a", content: writer + 1, etag }]),
      );
      const results = await Promise.allSettled(writers);
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of results) {
        if (result.status === "rejected") expect(result.reason).toBeInstanceOf(StorageConflictError);
      }
    });
  });

  describe("transactions", () => {
    test("all kinds of operations go together and give an etag per written row", async () => {
      await table.commit("p", [insert("replaced", 1), insert("deleted", 1), insert("upserted", 1)]);
      const { value: etags } = await table.commit("p", [
        { type: "delete", row: "deleted", etag: await etagOf("deleted") },
        insert("inserted", 2),
        { type: "upsert", row: "upserted", content: 2 },
        { type: "replace", row: "replaced", content: 2, etag: await etagOf("replaced") },
      ]);
      const rows: readonly Row[] = (await table.list("p")).value;
      expect(rows.map(({ row, content }) => [row, content])).toEqual([
        ["inserted", 2],
        ["replaced", 2],
        ["upserted", 2],
      ]);
      expect(new Map(rows.map(({ row, etag }) => [row, etag]))).toEqual(new Map([...etags].sort()));
    });

    test.each<[string, Operation]>([
      ["insert", insert("exists", 2)],
      [
        "replace",
        { type: "replace", row: "exists", content: 2, etag: `W/"datetime'2000-01-01T00%3A00%3A00.0000000Z'"` },
      ],
      ["delete", { type: "delete", row: "exists", etag: `W/"datetime'2000-01-01T00%3A00%3A00.0000000Z'"` }],
    ])("nothing is written when a condition fails: %s", async (_, failing) => {
      await table.commit("p", [insert("exists", 1), insert("deleted", 1)]);
      const before = (await table.list("p")).value;
      const etag = await etagOf("deleted");
      const good: Operation[] = [
        insert("a"),
        { type: "upsert", row: "b", content: 1 },
        { type: "delete", row: "deleted", etag },
      ];
      await expect(table.commit("p", [...good, failing])).rejects.toThrow(StorageConflictError);
      await expect(table.commit("p", [failing, ...good])).rejects.toThrow(StorageConflictError);
      expect((await table.list("p")).value).toEqual(before);
    });

    test("100 operations fit, 101 and none do not", async () => {
      await table.commit("p", numbered(100));
      expect(await rowsOf("p")).toHaveLength(100);
      await expect(table.commit("q", numbered(101))).rejects.toThrow(StorageLimitError);
      await expect(table.commit("q", [])).rejects.toThrow(StorageLimitError);
      expect(await rowsOf("q")).toEqual([]);
    });

    test("4 MiB do not fit, a little less does", async () => {
      const of = (count: number) => Array.from({ length: count }, (_, n) => insert(`row-${n}`, "x".repeat(400_000)));
      await table.commit("p", of(10));
      expect(await rowsOf("p")).toHaveLength(10);
      await expect(table.commit("q", of(11))).rejects.toThrow(StorageLimitError);
      expect(await rowsOf("q")).toEqual([]);
    });

    test("one row may occur only once", async () => {
      await expect(table.commit("p", [insert("a"), { type: "upsert", row: "a", content: 1 }])).rejects.toThrow(
        StorageLimitError,
      );
    });
  });

  describe("large documents", () => {
    test.each([32_766, 32_767, 100_000, 500_000])("a text of %i characters comes back", async (length) => {
      const content = "x".repeat(length);
      await table.commit("p", [insert("a", content)]);
      expect((await get("a"))?.content).toBe(content);
    });

    test("pairs of surrogates at every border come back", async () => {
      const contents = ["", "x"].map((shift) => shift + "😀".repeat(40_000));
      await table.commit(
        "p",
        contents.map((content, n) => insert(`row-${n}`, content)),
      );
      expect((await table.list("p")).value.map(({ content }) => content)).toEqual(contents);
    });

    test("above 1 MiB of UTF-16 a document is refused", async () => {
      await expect(table.commit("p", [insert("a", "x".repeat(524_288))])).rejects.toThrow(StorageLimitError);
      expect(await get("a")).toBeUndefined();
    });
  });

  describe("lists and scans", () => {
    const scan = async (prefix: string) => {
      const found: string[] = [];
      for await (const { partition, row } of table.scan(prefix)) found.push(`${partition}/${row}`);
      return found;
    };

    test("a list is in the order of the characters' codes", async () => {
      const keys = [
        "b",
        "B",
        "a",
        "_",
        "~",
        "10",
        "9",
        "a|b",
        "a=2F",
        "a-b",
        "ab",
        "Z",
        "|",
        "é".codePointAt(0) ?? 0,
      ].map(String);
      await table.commit(
        "p",
        keys.map((key) => insert(key)),
      );
      expect(await rowsOf("p")).toEqual([...keys].sort());
    });

    test("a prefix takes all keys that start with it and no other", async () => {
      const keys = ["holding", "holding|", "holding|a", "holding|~", "holding}", "holdingx", "Holding|a", "end|a"];
      await table.commit(
        "p",
        keys.map((key) => insert(key)),
      );
      await table.commit("q", [insert("holding|other-partition")]);
      expect(await rowsOf("p", "holding|")).toEqual(["holding|", "holding|a", "holding|~"]);
      expect(await rowsOf("p", "none|")).toEqual([]);
      expect(await scan("holding|")).toEqual(["p/holding|", "p/holding|a", "p/holding|~", "q/holding|other-partition"]);
    });

    test("more than a page of rows come in order, from one partition and over many", async () => {
      for (const partition of ["c", "a", "b"]) {
        for (let start = 0; start < 500; start += 100) {
          await table.commit(partition, numbered(500).slice(start, start + 100));
        }
      }
      for (let start = 0; start < 1100; start += 100) {
        await table.commit("big", numbered(1100).slice(start, start + 100));
      }
      const all = await scan("row-");
      expect(all).toHaveLength(2600);
      expect(all).toEqual([...all].sort());
      expect(await scan("")).toEqual(all);
      expect(await rowsOf("big")).toEqual(numbered(1100).map(({ row }) => row));
    });

    test("a scan can be left early", async () => {
      await table.commit("p", numbered(3));
      for await (const { row } of table.scan("")) {
        expect(row).toBe("row-00000");
        break;
      }
    });

    test("a prefix with a character that no key may hold is refused", async () => {
      await expect(table.list("p", "a/")).rejects.toThrow(StorageLimitError);
      await expect(scan("a/")).rejects.toThrow(StorageLimitError);
    });
  });
});
