import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { alarms, events, metrics } from "../../../shared/telemetry/names.ts";
import { findDocuments } from "../../fixtures/find-documents.ts";

const documents = await findDocuments(fileURLToPath(new URL("../../../", import.meta.url)));
const text = (await Promise.all(documents.map((path) => readFile(path, "utf8")))).join("\n");

test("documented queries ask for events and metrics that exist", () => {
  const asked = [...text.matchAll(/custom(Events|Metrics) \\\| where name (?:== |in \()([^|)]*)/g)].flatMap(
    ([, table, names]) => [...(names ?? "").matchAll(/"(\w+)"/g)].map(([, name]) => ({ table, name: name ?? "" })),
  );
  expect(asked.length).toBeGreaterThan(3);
  for (const { table, name } of asked)
    expect(Object.keys(table === "Events" ? { ...events, ...alarms } : metrics)).toContain(name);
});
