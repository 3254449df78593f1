import { expect, test } from "vitest";
import type { ClientSession } from "../../../local/story/client-session.ts";
import { collectFacts } from "../../../local/story/facts.ts";
import { countPromises, summarise } from "../../../local/story/summary.ts";
import { cast, janesStory, time } from "./story-history.ts";

const session = (name: string, cae: boolean): ClientSession => ({
  name,
  cae,
  expiresAt: time(cae ? 28 * 3600 : 3600),
  work: async () => new Map(),
  refresh: async () => false,
});
const clients = [session("Outlook", true), session("desktop tool", false)];

test("what CAE cut is shown up to the accepted revoke, which is all that was measured; the rest is named", () => {
  const [block] = summarise(collectFacts(janesStory, cast, clients, true));
  const rows = block?.rows ?? [];
  expect(rows).toContainEqual(["trusts wids", "Outlook (CAE)", "28 h 00 min 00 s", "1.10 s, plus CAE"]);
  expect(rows).toContainEqual([
    "trusts wids",
    "desktop tool (no CAE)",
    "1 h 00 min 00 s",
    "not cut: 1 h 00 min 00 s, until 11:00:00",
  ]);
  expect(block?.lines.map(({ text }) => text)).toEqual([
    expect.stringContaining("--without lives it through"),
    "From the role's end: revoke accepted after 1.10 s, plus CAE (0.3 s in this simulation; documented up to 15 min)",
    "From the removal to the accepted revoke, which is the app's own part: 100 ms",
  ]);
});

test("a token that outlives the day says on which it expires", () => {
  const long = clients.map((client) => ({ ...client, expiresAt: time(28 * 3600) }));
  const [block] = summarise(collectFacts([], cast, long, true));
  expect(block?.rows[1]?.at(-1)).toBe("not cut: 28 h 00 min 00 s, until 2026-03-02 14:00:00");
});

test("the last sentence counts", () => {
  const promises = [
    { text: "one", kept: true },
    { text: "two", kept: false },
  ];
  expect(countPromises(promises)).toBe("1 of 2 promises kept.");
});
