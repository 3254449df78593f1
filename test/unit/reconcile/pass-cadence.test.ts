import { expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { activation, createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";

const { closeAtMost, passVeryOften, passEvery } = defaultTimings;

test.each([
  { others: closeAtMost - 1, name: "ten principals at most", every: passVeryOften },
  { others: closeAtMost, name: "more than ten", every: passEvery },
])("where $name wait at once, each gets a pass every $every ms around its end", async ({ others, every }) => {
  const world = createFakeWorld();
  const { waiting, graph } = world.dependencies;
  for (let n = 0; n < others; n += 1) waiting.add(`other-${n}`);
  const passes: number[] = [];
  const { readPrincipal } = graph;
  const counting = {
    ...graph,
    readPrincipal: (id: string) => {
      passes.push(world.clock.now());
      return readPrincipal(id);
    },
  };
  world.show(activation({ endDateTime: isoAt(60) }));
  world.when(at(61.5), () => world.show());

  world.goTo(at(58));
  await reconcile({ principalId: jane, because: "timer", tries: 0 }, { ...world.dependencies, graph: counting });

  expect(world.shown.revokedAt).toHaveLength(1);
  const around = passes.filter((time) => time > at(59.2) && time < at(61.4));
  const apart = around.slice(1).map((time, n) => time - (around[n] ?? 0));
  expect(apart.length).toBeGreaterThan(5);
  expect(new Set(apart)).toEqual(new Set([every]));
});
