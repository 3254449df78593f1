import { afterAll, describe, expect, test } from "vitest";
import { mixed } from "./kinds/kinds.ts";
import { mutations } from "./mutations.ts";
import { createSearchPool } from "./search-pool.ts";

const seeds = [11, 12, 13];
/** The rarest is caught after some two hundred. */
const histories = 1500;

const pool = createSearchPool();
afterAll(() => pool.close());

// Side by side, so that no thread is idle while another one searches for what is rare.
describe.concurrent("it is noticed when the core does without", () => {
  for (const { name, kind = mixed } of mutations) {
    test(name, async () => {
      const searches = seeds.map(async (seed) => {
        const { failure, played } = await pool.play({ kind, seed, histories, only: "", mutation: name });
        expect(failure?.story, `seed ${seed}`).toMatch(/^Broken: (never|always) /);
        return played;
      });
      console.log(`without ${name}: noticed after ${(await Promise.all(searches)).join(", ")} histories`);
    });
  }
});
