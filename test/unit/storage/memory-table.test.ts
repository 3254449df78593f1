import { expect, test } from "vitest";
import { createMemoryTable } from "../../../shared/storage/memory-table.ts";

test("rows carry storage's time in milliseconds, answers in whole seconds as a Date header does", async () => {
  let time = 1_000_999;
  const table = createMemoryTable({ now: () => time });
  expect((await table.commit("p", [{ type: "insert", row: "a", content: 1 }])).storageTime).toBe(1_000_000);
  time = 2_000_001;
  const { value, storageTime } = await table.get("p", "a");
  expect(value?.timestamp).toBe(1_000_999);
  expect(storageTime).toBe(2_000_000);
});

test("a scan passes over rows that are gone when it comes to them", async () => {
  const table = createMemoryTable({ now: () => 0 });
  const { value: etags } = await table.commit(
    "p",
    ["a", "b", "c"].map((row) => ({ type: "insert", row, content: 1 })),
  );
  const seen: string[] = [];
  for await (const { row } of table.scan("")) {
    seen.push(row);
    if (row === "a") await table.commit("p", [{ type: "delete", row: "b", etag: etags.get("b") ?? "missing" }]);
  }
  expect(seen).toEqual(["a", "c"]);
});
