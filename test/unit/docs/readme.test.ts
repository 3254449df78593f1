import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type Condition, permissions } from "../../../shared/graph/permissions.ts";
import { outcomes } from "../../../shared/revocation/obligation.ts";
import { settingFields } from "../../../shared/settings/settings-schema.ts";
import { alarms, events } from "../../../shared/telemetry/event-names.ts";
import { metrics } from "../../../shared/telemetry/metric-names.ts";

const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
const { scripts } = JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));

const section = (heading: string): string => readme.split(`### ${heading}\n`)[1]?.split("\n#")[0] ?? "";

/** First words in backticks of the table rows below a heading. */
function firstColumn(heading: string): readonly string[] {
  return section(heading)
    .split("\n")
    .flatMap((line) => {
      const cell = /^\| (`[^|]*)/.exec(line)?.[1] ?? "";
      return [...cell.matchAll(/`([^`]+)`/g)].flatMap((match) => match[1] ?? []);
    });
}

test("the README's settings are the app's settings", () => {
  expect(firstColumn("Settings").toSorted()).toEqual(Object.keys(settingFields).toSorted());
});

test("the README's permissions are those of the gateway, each with when it is needed", () => {
  const words: Readonly<Record<Condition, string>> = {
    always: "always",
    noSubscriptions: "with `GRAPH_SUBSCRIPTIONS=off` or `WATCHED_GROUPS=none`",
    subscriptions: "else, in its place",
    groups: "unless `WATCHED_GROUPS=none`",
    revoking: "with `CUTOFF_MODE=enforce`",
  };
  const rows = [...section("Permissions").matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\|/gm)];
  const told = rows.map(([, name, when]) => [name, when]);
  expect(told.toSorted()).toEqual(permissions.map(({ name, when }) => [name, words[when]]).toSorted());
});

test("the README names every outcome", () => {
  for (const outcome of outcomes) expect(readme).toContain(`\`${outcome}\``);
});

test("the README's npm commands exist", () => {
  const named = [...readme.matchAll(/^npm (?:run )?([a-z:]+)/gm)].map((match) => match[1]);
  expect(named.length).toBeGreaterThan(2);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

test("the README's queries ask for events and metrics that exist", () => {
  const asked = [...readme.matchAll(/custom(Events|Metrics) \\\| where name (?:== |in \()([^|)]*)/g)].flatMap(
    ([, table, names]) => [...(names ?? "").matchAll(/"(\w+)"/g)].map(([, name]) => ({ table, name: name ?? "" })),
  );
  expect(asked.length).toBeGreaterThan(3);
  for (const { table, name } of asked)
    expect(Object.keys(table === "Events" ? { ...events, ...alarms } : metrics)).toContain(name);
});
