import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { onlyLive } from "../../../tools/doctor/only-live.ts";

const facts = await readFile(new URL("../../../docs/platform-facts.md", import.meta.url), "utf8");

test("what only a live tenant can prove is what the doctor lists, each with its command", () => {
  const section = facts.split("## What only a live tenant can prove\n")[1] ?? "";
  const rows = [...section.matchAll(/^\| (that|which|what else|how) (.+) \| (.+) \|$/gm)];
  const documented = rows.map(([, word = "", fact = "", proof = ""]) => [`${word} ${fact}`, proof] as const);
  expect(documented.map(([fact]) => fact)).toEqual(onlyLive.map(({ fact }) => fact));
  for (const [index, { proof }] of onlyLive.entries())
    expect(documented[index]?.[1].replaceAll("`", "")).toContain(proof);
});
