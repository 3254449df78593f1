import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { tierZero } from "../../../shared/assignments/role-order.ts";

const policy = await readFile(new URL("../../../docs/policy.md", import.meta.url), "utf8");

test("the documented tier-0 list is the one that never waits", () => {
  const section = policy.split("## The tier-0 list\n")[1] ?? "";
  const documented = [...section.matchAll(/^\| [^|]+ \| `([^`]+)` \|$/gm)].map(([, id]) => id);
  expect(documented).toEqual(tierZero);
});
