import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { outcomes } from "../../../shared/model/pending-revocation.ts";
import { conditionKinds, needsPerson } from "../../../shared/operators/conditions.ts";
import { readOperation, roleFor } from "../../../shared/operators/orders.ts";
import { respondStatus } from "../../../shared/status/page.ts";
import { aStatus } from "../../fixtures/a-status.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const api = await readFile(`${root}docs/api.md`, "utf8");

test("every endpoint stands in the document with its method and the key it needs, and nothing else does", async () => {
  const names = (await readdir(`${root}functions`)).filter((name) => name.endsWith(".ts"));
  const sources = await Promise.all(names.map((name) => readFile(`${root}functions/${name}`, "utf8")));
  const declared = sources.flatMap((source) =>
    [...source.matchAll(/methods: \["(\w+)"\],\s*authLevel: "(\w+)",\s*route: "([^"]+)"/g)].map(
      ([, method, level, route]) => `${method} /api/${route}, ${level}`,
    ),
  );
  const documented = [...api.matchAll(/^\| `(GET|POST) (\S+)` \| ([^|]+) \|/gm)].map(
    ([, method, path, who]) => `${method} ${path}, ${who?.includes("function key") ? "function" : "anonymous"}`,
  );
  expect(declared.length).toBe(sources.join("").match(/\broute: "/g)?.length);
  expect(documented.toSorted()).toEqual(declared.toSorted());
});

test("every order stands in the document with the role it needs, and nothing else does", () => {
  const reading = readOperation("noSuchAction", "");
  const actions = reading.kind === "unknownAction" ? reading.actions : [];
  const documented = [...api.matchAll(/^\| `(\w+)` \| `(Cutoff\.\w+)` \|/gm)].map(([, action, role]) => [action, role]);
  expect(documented.toSorted()).toEqual(actions.map((action) => [action, roleFor(action)]).toSorted());
});

test("every state of health stands in the document with its status, and nothing else does", () => {
  const section = api.split("\n## Health\n")[1]?.split("\n## ")[0] ?? "";
  const documented = [...section.matchAll(/^\| (`.+`) \| (\d+) \|/gm)].flatMap(([, states = "", status]) =>
    [...states.matchAll(/`([^`]+)`/g)].map(([, state]) => [state, Number(status)]),
  );
  const ofConditions = conditionKinds.map((kind) => [kind, needsPerson({ kind }) ? 503 : 200]);
  expect(documented.toSorted()).toEqual([["healthy", 200], ...ofConditions, ["needs attention", 503]].toSorted());
});

test("the document says of each outcome by which mark the day shows it", () => {
  const marked = [...api.matchAll(/^- \*\*(\S) .*\*\*: (.*`.*)$/gm)].flatMap(([, mark, named = ""]) =>
    [...named.matchAll(/`(\w+)`/g)].map(([, outcome]) => [outcome, mark]),
  );
  const [person] = aStatus().day.people;
  const drawn = outcomes.map((fate) => {
    const people = person === undefined ? [] : [{ ...person, bars: person.bars.map((bar) => ({ ...bar, fate })) }];
    const { body } = respondStatus(aStatus({ day: { ...aStatus().day, people } }), null);
    const [, mark] = /<rect class="\w+"[^>]*\/><text class="\w+"[^>]*>(.)<\/text>/.exec(body) ?? [];
    return [fate, mark];
  });
  expect(marked.toSorted()).toEqual(drawn.toSorted());
});
