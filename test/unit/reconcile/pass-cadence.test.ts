import { expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { activation, createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupAccess, member } from "../../fixtures/group-world.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";

const { closeAtMost, passVeryOften, passEvery } = defaultTimings;

const waits = [
  { others: closeAtMost - 1, name: "ten principals at most", every: passVeryOften },
  { others: closeAtMost, name: "more than ten", every: passEvery },
];

test.each(waits)(
  "where $name wait at once, each gets a pass every $every ms around its end",
  async ({ others, every }) => {
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
  },
);

test.each(waits)("the same around a membership's known end, and each pass reads the members: $name", async (one) => {
  const world = createGroupWorld();
  const { groups, graph } = world.dependencies;
  if (groups === undefined) throw new Error("Groups are read.");
  for (let n = 0; n < one.others; n += 1) world.dependencies.waiting.add(`other-${n}`);
  const passes: number[] = [];
  const reads: number[] = [];
  const counting = {
    ...world.dependencies,
    graph: {
      ...graph,
      readPrincipal: (id: string) => {
        if (id === admins) passes.push(world.clock.now());
        return graph.readPrincipal(id);
      },
    },
    groups: {
      ...groups,
      graph: {
        ...groups.graph,
        readHolders: (id: string) => {
          reads.push(world.clock.now());
          return groups.graph.readHolders(id);
        },
      },
    },
  };
  world.shown.roles = [];
  world.shown.members.set(admins, [member(1)]);
  world.shown.access = [groupAccess(member(1), { endDateTime: isoAt(60) })];
  world.from(61.45, () => {
    world.shown.members.set(admins, []);
    world.shown.access = [];
  });
  await world.pass();
  await world.deliver(63, counting);

  expect(world.revoked).toMatchObject([{ userId: member(1) }]);
  const around = passes.filter((time) => time > at(59.2) && time < at(61.4));
  const apart = around.slice(1).map((time, n) => time - (around[n] ?? 0));
  expect(apart.length).toBeGreaterThan(5);
  expect(new Set(apart)).toEqual(new Set([one.every]));
  expect(reads.filter((time) => time > at(59.2) && time < at(61.4))).toEqual(around);
  expect(world.revoked[0]?.at).toBeLessThan(at(61.45) + 2 * one.every);
});
