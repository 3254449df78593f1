import { expect, test } from "vitest";
import { resync } from "../../../shared/assignments/resync.ts";
import { toMessage } from "../../../shared/assignments/signal.ts";
import { parkDeadLetter } from "../../../shared/operations/dead-letters.ts";
import { readHealth } from "../../../shared/operations/health.ts";
import { StorageUnavailableError } from "../../../shared/storage/storage-errors.ts";
import { enforceAll, iso, jane, start } from "../../fixtures/fake-world.ts";
import { activationOf, createManyUsers } from "../../fixtures/many-users.ts";

const minute = 60_000;
const resyncEvery = 10_000;
type World = ReturnType<typeof createManyUsers>;

const healthOf = ({ dependencies: { state, control } }: World) => readHealth(state, control, enforceAll, resyncEvery);
const resynced = ({ dependencies }: World) => resync({ ...dependencies, resyncEvery });

test("after a resync with nothing open all is well", async () => {
  const world = createManyUsers();
  await resynced(world);
  expect(await healthOf(world)).toEqual({
    healthy: true,
    problems: [],
    mode: "enforce",
    stopped: false,
    storage: "ok",
    lastResync: { startedAt: new Date(start).toISOString(), finishedAt: new Date(start).toISOString(), error: null },
    lastGraphSuccess: new Date(start).toISOString(),
    pending: { principals: 0, oldestSince: null },
    threshold: { held: 0, plannedReachedAt: null, unplannedReachedAt: null },
    deadLetters: 0,
    newestDeadLetters: [],
  });
});

test("what the threshold holds is told, with what to do, until it is released", async () => {
  const world = createManyUsers({ limits: { planned: 1, unplanned: 0 } });
  for (const n of [1, 2, 3]) world.showOf(n, activationOf(n));
  for (const n of [1, 2, 3]) await world.look(n);
  world.shown.atTime = (now) => {
    if (now > start + 61_000) for (const n of [1, 2, 3]) world.showOf(n);
  };
  await world.deliver(start + 5 * minute);
  await resynced(world);
  const { healthy, problems, threshold } = await healthOf(world);
  expect(healthy).toBe(false);
  expect(problems).toEqual([expect.stringMatching(/holds 2 principals.*\/api\/operations\/release/)]);
  expect(threshold).toMatchObject({
    held: 2,
    plannedReachedAt: expect.stringMatching(iso(start).slice(0, 10)),
    unplannedReachedAt: null,
  });
});

test("dead letters are counted and the five newest are shown", async () => {
  const world = createManyUsers();
  await resynced(world);
  const message = toMessage({ principalId: jane, because: "timer", tries: 0 });
  for (const n of [1, 2, 3, 4, 5, 6]) {
    world.goTo(start + n * 1000);
    await parkDeadLetter(message, `m-${n}`, world.dependencies);
  }
  const { healthy, problems, deadLetters, newestDeadLetters } = await healthOf(world);
  expect(healthy).toBe(false);
  expect(problems).toEqual([expect.stringContaining("/api/operations/redrive")]);
  expect(deadLetters).toBe(6);
  expect(newestDeadLetters.map(({ messageId }) => messageId)).toEqual(["m-6", "m-5", "m-4", "m-3", "m-2"]);
  expect(newestDeadLetters[0]).toEqual({
    messageId: "m-6",
    principalId: jane,
    code: "UNKNOWN",
    reason: expect.any(String),
    parkedAt: new Date(start + 6000).toISOString(),
  });
});

test("an end without an outcome for more than ten minutes is told", async () => {
  const world = createManyUsers();
  world.showOf(1, activationOf(1));
  await world.look(1);
  await world.dependencies.control.stop(true);
  world.shown.atTime = (now) => {
    if (now > start + 61_000) world.showOf(1);
  };
  await world.deliver(start + 20 * minute);
  await resynced(world);
  const { stopped, problems, pending } = await healthOf(world);
  expect(stopped).toBe(true);
  expect(pending.principals).toBe(1);
  expect(problems).toEqual([expect.stringContaining("no outcome")]);
});

test("no resync for six intervals is told", async () => {
  const world = createManyUsers();
  await resynced(world);
  world.goTo(start + minute);
  expect((await healthOf(world)).healthy).toBe(true);
  world.goTo(start + minute + 1000);
  expect((await healthOf(world)).problems).toEqual([expect.stringContaining("No resync")]);
});

test("storage that does not answer is told, and nothing is claimed of what it holds", async () => {
  const world = createManyUsers();
  world.dependencies.state.get = async () => {
    throw new StorageUnavailableError("no answer");
  };
  expect(await healthOf(world)).toMatchObject({
    healthy: false,
    problems: ["Storage: no answer"],
    storage: "STORAGE_UNAVAILABLE",
    stopped: null,
  });
});
