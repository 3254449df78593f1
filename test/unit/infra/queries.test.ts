import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { auditActivities } from "../../../shared/signals/audit-activities.ts";
import { alarms, events } from "../../../shared/telemetry/event-names.ts";
import { metrics } from "../../../shared/telemetry/metric-names.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFile(root + path, "utf8");
const namesOf = async (folder: string, ending: string) =>
  (await readdir(root + folder, { recursive: true }))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

interface Query {
  readonly name: string;
  readonly text: string;
}

/** Every query of the workbook, wherever it stands. */
function queriesIn(item: unknown): readonly string[] {
  if (typeof item !== "object" || item === null) return [];
  return Object.entries(item).flatMap(([key, value]) =>
    key === "query" && typeof value === "string" ? [value] : queriesIn(value),
  );
}

const files = [...(await namesOf("infra/alerts", ".kql")), ...(await namesOf("infra/detection", ".kql"))];
const queries: readonly Query[] = [
  ...(await Promise.all(files.map(async (name) => ({ name, text: await read(name) })))),
  ...queriesIn(JSON.parse(await read("infra/workbook/cutoff.workbook.json"))).map((text, index) => ({
    name: `workbook, query ${index + 1}`,
    text,
  })),
];
const emitted: Readonly<Record<string, readonly string[]>> = {
  AppEvents: [...Object.keys(events), ...Object.keys(alarms)],
  AppMetrics: Object.keys(metrics),
};

/** From each mention of a table of ours to the next one: the names it is asked for. */
const namesAsked = (text: string): readonly (readonly [table: string, name: string])[] =>
  text
    .split(/(?=\bApp(?:Events|Metrics)\b)/)
    .flatMap((part) =>
      [...part.matchAll(/\bName (?:==|!?in) \(?((?:"\w+"(?:, )?)+)/g)].flatMap(([, list = ""]) =>
        [...list.matchAll(/"(\w+)"/g)].map(([, name = ""]) => [part.slice(0, part.search(/\W/)), name] as const),
      ),
    );

test("there are queries, and they ask for our events and metrics", () => {
  expect(queries.length).toBeGreaterThan(15);
  expect(queries.flatMap(({ text }) => namesAsked(text)).length).toBeGreaterThan(15);
});

describe.each(queries)("$name", ({ text }) => {
  test("names only what the app emits", () => {
    expect(namesAsked(text).filter(([table, name]) => !emitted[table]?.includes(name))).toEqual([]);
  });

  test("reads only properties that the app gives", async () => {
    const sources = (await Promise.all((await namesOf("shared", ".ts")).map(read))).join("\n");
    const properties = [...text.matchAll(/\bProperties\.(\w+)/g)].map(([, property = ""]) => property);
    expect(properties.filter((property) => !new RegExp(`\\b${property}\\b`).test(sources))).toEqual([]);
  });

  test("names only activities of the audit log that the app knows", () => {
    const activities = [...text.matchAll(/"((?:Remove|Add|Update) [^"]+)"/g)].map(([, activity = ""]) => activity);
    expect(activities.filter((activity) => !(activity in auditActivities))).toEqual([]);
  });
});

test("the reconciliation of revokes knows every activity that ends a privilege", async () => {
  const text = await read("infra/detection/revoke-without-end.kql");
  const ends = Object.entries(auditActivities).filter(([, { means }]) => /End$/.test(means));
  expect(ends.map(([name]) => name).filter((name) => !text.includes(`"${name}"`))).toEqual([]);
});

test("every alert rule's query is there, and every query has its rule", async () => {
  const bicep = await read("infra/alerts/alerts.bicep");
  const loaded = [...bicep.matchAll(/name: '([\w-]+)', .*loadTextContent\('([\w-]+)\.kql'\)/g)];
  expect(loaded.every(([, name, file]) => name === file)).toBe(true);
  expect(loaded.map(([, name]) => `infra/alerts/${name}.kql`).sort()).toEqual(
    (await namesOf("infra/alerts", ".kql")).sort(),
  );
});
