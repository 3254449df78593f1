import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { permissions } from "../../../shared/graph/permissions.ts";

const known = permissions.map(({ name }) => name);

test.each(["README.md", "SECURITY.md", "docs/deploy.md", "docs/operate.md", "docs/policy.md"])(
  "%s names no permission of Graph that the app does not need",
  async (document) => {
    const text = await readFile(new URL(`../../../${document}`, import.meta.url), "utf8");
    const named = [...text.matchAll(/`([A-Z]\w+\.\w+\.\w+)`/g)].map(([, name]) => name);
    expect(named.filter((name) => name !== undefined && !known.includes(name))).toEqual([]);
  },
);
