import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readOperation, roleFor } from "../../../shared/operations/read-operation.ts";

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
