import { janesAddress } from "./cast.ts";
import type { Chapter } from "./chapter.ts";
import { differences } from "./facts.ts";
import { playWith } from "./play-with.ts";
import { withResponder } from "./promises.ts";
import { summarise } from "./summary.ts";
import { showTold, toldPromises } from "./told-people.ts";

/** The main job: an activation expires. */
export const janeChapter: Chapter = {
  name: "jane",
  title: "Jane's role ends",
  prepare:
    async ({ tenant, receivers }) =>
    async () => {
      const { janeId, ...facts } = await playWith(tenant);
      summarise(facts);
      const told = await showTold(receivers, janeId, janesAddress);
      return {
        facts: { ...facts, milliseconds: differences(facts), told },
        promises: [...withResponder(facts), ...toldPromises(told)],
      };
    },
};
