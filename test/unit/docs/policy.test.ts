import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { tierZero } from "../../../shared/model/holding.ts";
import { outcomes } from "../../../shared/model/pending-revocation.ts";

const policy = await readFile(new URL("../../../docs/policy.md", import.meta.url), "utf8");

test("the documented tier-0 list is the one that never waits", () => {
  const section = policy.split("## The tier-0 list\n")[1] ?? "";
  const documented = [...section.matchAll(/^\| [^|]+ \| `([^`]+)` \|$/gm)].map(([, id]) => id);
  expect(documented).toEqual(tierZero);
});

test("the order of questions leads to every outcome, and to no other", () => {
  const section = policy.split("## The order of questions\n")[1]?.split("\n## ")[0] ?? "";
  const questions = [...section.matchAll(/^\d+\. (.*)$/gm)].map(([, question = ""]) => question).join("\n");
  expect(outcomes.filter((outcome) => !questions.includes(`\`${outcome}\``))).toEqual([]);
  const named = [...questions.matchAll(/`([a-z]\w+)`/g)].map(([, name]) => name);
  expect(named.filter((name) => !outcomes.some((outcome) => outcome === name))).toEqual([]);
});
