import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Item, said } from "../../../../../tools/replay/input/item.ts";
import { readItems } from "../../../../../tools/replay/input/read-items.ts";
import { temporaryFile } from "../../../../fixtures/temporary-file.ts";

async function itemsOf(name: string, content: string | Uint8Array) {
  const items: Item[] = [];
  for await (const bundle of readItems(await temporaryFile(name, content), () => {})) items.push(...bundle);
  return items.map(({ place, ...rest }) => ({ position: said(place), ...rest }));
}

const json = '{"name":"Zoë"}\n{"name":"蒋"}\n';
const both = [
  { position: "line 1, record 1", value: { name: "Zoë" } },
  { position: "line 2, record 2", value: { name: "蒋" } },
];

describe("the same records from every encoding", () => {
  test.each([
    ["UTF-8", json],
    ["UTF-8 with a byte order mark", `\ufeff${json}`],
    ["UTF-16, as PowerShell 5 writes it", Buffer.from(`\ufeff${json}`, "utf16le")],
    ["gzip", gzipSync(json)],
    ["gzip in several members", Buffer.concat([gzipSync(json.slice(0, 9)), gzipSync(json.slice(9))])],
  ])("%s", async (_, content) => expect(await itemsOf("export", content)).toEqual(both));
});

test("CSV becomes objects by its heading, whatever the file is called", async () => {
  const items = await itemsOf("export.json", '\ufeff"Activity","Result"\r\n"Update user","success"\r\n');
  expect(items).toEqual([{ position: "line 2", value: { Activity: "Update user", Result: "success" } }]);
});

test("a line of CSV that does not fit its heading is reported", async () => {
  const items = await itemsOf("export.csv", "Activity,Result\nUpdate user\n");
  expect(items).toEqual([{ position: "line 2", problem: "has 1 cells, the heading 2" }]);
});

test("a text that is not JSON is reported by its place, never by its content", async () => {
  const items = await itemsOf("export.json", '{"name":"Jane Doe",}\nJane\n');
  expect(items).toEqual([
    { position: "line 1, record 1", problem: "is not valid JSON" },
    { position: "line 2, record 2", problem: "is no JSON object" },
  ]);
});

test("an empty file is reported", async () => {
  expect(await itemsOf("export.json", "")).toEqual([{ position: "the start", problem: "the file is empty" }]);
});

test("of gzipped data that is cut off what came before counts", async () => {
  const lines = Array.from({ length: 5000 }, (_, n) => JSON.stringify({ n, text: `${n * 7919}` })).join("\n");
  const whole = gzipSync(lines);
  const items = await itemsOf("export.gz", whole.subarray(0, whole.length - 2000));
  expect(items[0]).toEqual({ position: "line 1, record 1", value: { n: 0, text: "0" } });
  expect(items).toContainEqual({ position: "the end", problem: "the gzipped data is damaged or cut off" });
});

test("the bytes read from the disk are reported as they are read", async () => {
  const content = gzipSync(json);
  const file = await temporaryFile("export.gz", content);
  let bytes = 0;
  for await (const _ of readItems(file, (read) => (bytes += read)));
  expect(bytes).toBe(content.length);
});
