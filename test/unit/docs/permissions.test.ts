import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type Condition, memberReadHidden, permissions } from "../../../shared/graph/permissions.ts";

const known = [...permissions, memberReadHidden].map(({ name }) => name);

test.each([
  "README.md",
  "SECURITY.md",
  "docs/api.md",
  "docs/deploy.md",
  "docs/faq.md",
  "docs/operate.md",
  "docs/permissions.md",
  "docs/policy.md",
  "docs/what-it-cuts.md",
])("%s names no permission of Graph that the app does not need", async (document) => {
  const text = await readFile(new URL(`../../../${document}`, import.meta.url), "utf8");
  const named = [...text.matchAll(/`([A-Z]\w+\.\w+\.\w+)`/g)].map(([, name]) => name);
  expect(named.filter((name) => name !== undefined && !known.includes(name))).toEqual([]);
});

test("the documented permissions are those of the gateway, each with when it is needed", async () => {
  const words: Readonly<Record<Condition, string>> = {
    always: "always",
    noSubscriptions: "with `GRAPH_SUBSCRIPTIONS=off` or `WATCHED_GROUPS=none`",
    subscriptions: "else, in its place",
    groups: "unless `WATCHED_GROUPS=none`",
    revoking: "with `CUTOFF_MODE=enforce`",
  };
  const text = await readFile(new URL("../../../docs/permissions.md", import.meta.url), "utf8");
  const recorded = [...text.matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\|/gm)].map(([, name, when]) => [name, when]);
  expect(recorded.toSorted()).toEqual(permissions.map(({ name, when }) => [name, words[when]]).toSorted());
});
