import { expect, test } from "vitest";
import { coreApp } from "./core-app.ts";
import { mutations } from "./mutations.ts";
import { search } from "./search.ts";

const seeds = [11, 12, 13];
/** The rarest is caught after some two hundred. */
const histories = 1500;

for (const { name, change } of mutations) {
  test(`it is noticed when the core does without ${name}`, { timeout: 300_000 }, async () => {
    for (const seed of seeds) {
      const { failure } = await search(coreApp(change), { histories, seed, shrink: false });
      expect(failure?.story, `seed ${seed}`).toMatch(/^Broken: (never|always) /);
    }
  });
}
