import type { Chapter } from "./chapter.ts";
import { differences } from "./facts.ts";
import { playWith } from "./play-with.ts";
import { withResponder } from "./promises.ts";
import { summarise } from "./summary.ts";

/** The main job: an activation expires. */
export const janeChapter: Chapter = {
  name: "jane",
  title: "Jane's role ends",
  prepare:
    async ({ tenant }) =>
    async () => {
      const facts = await playWith(tenant);
      summarise(facts);
      return { facts: { ...facts, milliseconds: differences(facts) }, promises: withResponder(facts) };
    },
};
