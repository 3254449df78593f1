import { expect, test } from "vitest";
import { readLive } from "../../../shared/reconcile/pass.ts";
import { activation, createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aHolding, aPath, aState, at } from "../../fixtures/principal-builders.ts";

function reading() {
  const world = createFakeWorld();
  const asked: unknown[] = [];
  const { dependencies } = world;
  const graph: typeof dependencies.graph = {
    ...dependencies.graph,
    readPrincipal: (id) => {
      asked.push(["principal", id]);
      return dependencies.graph.readPrincipal(id);
    },
    readGroupPaths: (id, roles) => {
      asked.push(["paths", id, roles]);
      return dependencies.graph.readGroupPaths(id, roles);
    },
  };
  const read = (state: ReturnType<typeof aState>) => readLive(state, "resync", { ...dependencies, graph });
  return { world, asked, read };
}

test("one read is enough while nothing ends", async () => {
  const { world, asked, read } = reading();
  world.show(activation());
  const { state } = await read(aState());
  expect(asked).toEqual([["principal", jane]]);
  expect(state.holdings.size).toBe(1);
});

test("the groups are read when an end depends on them, for the roles it is about", async () => {
  const { world, asked, read } = reading();
  world.shown.paths = [aPath()];
  world.goTo(at(62));
  const { state, needsPaths, reading: used } = await read(aState({ holdings: [aHolding()] }));
  expect(asked).toEqual([
    ["principal", jane],
    ["paths", jane, [activation().roleDefinitionId]],
  ]);
  expect(needsPaths).toEqual([]);
  expect(used.paths?.value).toEqual([aPath()]);
  expect([...state.holdings.values()]).toMatchObject([{ group: aPath() }]);
});

test("Graph's time is taken from the newest answer", async () => {
  const { world, read } = reading();
  world.goTo(at(62.7));
  await read(aState());
  expect(world.dependencies.graphClock.now()).toBe(at(62));
});
