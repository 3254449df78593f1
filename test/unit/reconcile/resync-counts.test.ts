import { expect, test } from "vitest";
import { loadResync, resync } from "../../../shared/reconcile/resync.ts";
import { createFakeWorld } from "../../fixtures/fake-world.ts";
import { activationOf, createManyUsers } from "../../fixtures/many-users.ts";

test("counts the users of whom the list shows an assignment: what a share of the threshold is of", async () => {
  const world = createManyUsers();
  for (const n of [1, 2, 3]) world.showOf(n, activationOf(n), activationOf(n, {}, 2));
  for (const n of [1, 2, 3]) await world.pass(n);
  world.showOf(3);
  await world.pass(3);
  await resync({ ...world.dependencies, resyncEvery: 10_000 });
  expect((await loadResync(world.state)).content).toMatchObject({ watchedUsers: 2, held: 0 });
});

test("a record from before they were counted is read as none", async () => {
  const { state } = createFakeWorld();
  const content = {
    schema: 1,
    startedAt: 1,
    finishedAt: 2,
    graphDate: 2,
    listed: 0,
    enqueued: 0,
    open: 0,
    openSince: null,
    notBefore: null,
    error: null,
  };
  await state.commit("resync", [{ type: "insert", row: "last", content }]);
  expect((await loadResync(state)).content).toMatchObject({ watchedUsers: 0, held: 0 });
});
