import { describe, expect, test } from "vitest";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { loadResync, resync } from "../../../shared/reconcile/resync.ts";
import { StorageRowError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { deliver } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, enforceAll, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aRevocation, aState, at, isoAt } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const run = (world: FakeWorld) => resync({ ...world.dependencies, state: world.state, resyncEvery: 10_000 });
const record = async (world: FakeWorld) => (await loadResync(world.state)).content;
/** How many rows the last resync read, and how many principals it enqueued. */
const resynced = (world: FakeWorld) => world.recorded.findLast(({ name }) => name === "resynced")?.properties;
const principalOf = (index: number) => `0a1b2c3d-0000-4000-9000-${String(index).padStart(12, "0")}`;

test("a first run enqueues a pass for every principal who holds a role", async () => {
  const world = createFakeWorld();
  world.show(...Array.from({ length: 40 }, (_, index) => activation({ principalId: principalOf(index) })));
  await run(world);
  const asked = world.queue.peekAll().map(({ content }) => content);
  expect(asked).toHaveLength(40);
  expect(asked).toContainEqual({ v: 2, kind: "principal", principalId: principalOf(39), because: "resync", tries: 0 });
  expect(resynced(world)).toMatchObject({ listed: 40, enqueued: 40 });
  expect(await record(world)).toMatchObject({
    open: 0,
    openSince: null,
    error: null,
    graphDate: at(0),
  });
});

test("an unchanged list enqueues nothing, and an end that no signal reported is found", async () => {
  const world = createFakeWorld();
  world.show(activation({ endDateTime: isoAt(36_000) }));
  await run(world);
  await deliver(world, at(5));
  world.goTo(at(600));
  await run(world);
  expect(resynced(world)?.enqueued).toBe(0);
  world.show();
  world.goTo(at(610));
  await run(world);
  await deliver(world, at(3600));
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(world.shown.revokedAt[0]).toBeLessThan(at(619));
});

test("a signal of a change does not wait for the interval, and a burst is one resync", async () => {
  const world = createFakeWorld();
  const recorded = () => resync({ ...world.dependencies, state: world.state, resyncEvery: 10_000 }, true);
  await run(world);
  world.show(activation());
  world.goTo(at(2));
  await run(world);
  expect(resynced(world)?.listed).toBe(0);
  await recorded();
  expect(resynced(world)?.listed).toBe(1);
  world.show();
  await recorded();
  expect(resynced(world)?.listed).toBe(1);
});

test("a lost timer message is made up for", async () => {
  const world = createFakeWorld();
  world.show(activation());
  await reconcile({ principalId: jane, because: "resync", tries: 0 }, world.dependencies);
  world.queue.purge();
  world.goTo(at(66));
  await run(world);
  expect(world.queue.peekAll()).toHaveLength(1);
});

test("how much is open, and since when, is reported from the heads", async () => {
  const world = createFakeWorld();
  const open = (index: number, foundAt: number) => ({
    ...aState({ revocations: [aRevocation({ foundAt })], head: { openSince: foundAt } }),
    principalId: principalOf(index),
  });
  for (const state of [open(11, at(-50)), open(12, at(-90)), aState()]) await storePrincipal(world.principals, state);
  await run(world);
  expect(await record(world)).toMatchObject({ open: 2, openSince: at(-90) });
});

test("what is open is measured by age, and that the source works", async () => {
  const world = createFakeWorld();
  const open = (index: number, foundAt: number) => ({
    ...aState({ revocations: [aRevocation({ foundAt })], head: { openSince: foundAt, held: 1 } }),
    principalId: principalOf(index),
  });
  for (const state of [open(11, at(-50)), open(12, at(-90)), aState()]) await storePrincipal(world.principals, state);
  await run(world);
  expect(world.valuesOf("pendingPrincipals")).toEqual([
    { value: 1, age: "underOneMinute" },
    { value: 1, age: "underTenMinutes" },
    { value: 0, age: "underOneHour" },
    { value: 0, age: "older" },
  ]);
  expect(world.valuesOf("oldestPending")).toEqual([{ value: 90_000 }]);
  expect(world.valuesOf("heldPrincipals")).toEqual([{ value: 2 }]);
  expect(world.valuesOf("sourceHealthy")).toEqual([{ value: 1, source: "resync" }]);
});

describe("a resync", () => {
  test("in mode off does not even read", async () => {
    const world = createFakeWorld({ policy: { ...enforceAll, mode: "off" } });
    expect(await run(world)).toBe(true);
    expect(await record(world)).toBeNull();
  });

  test("is not made by timer and heartbeat both in one interval, and nor is what follows it", async () => {
    const world = createFakeWorld();
    expect(await run(world)).toBe(true);
    world.goTo(at(5));
    expect(await run(world)).toBe(false);
    expect((await record(world))?.startedAt).toBe(at(0));
    world.goTo(at(6));
    expect(await run(world)).toBe(true);
    expect((await record(world))?.startedAt).toBe(at(6));
  });

  test("that another instance has just begun is left to it", async () => {
    const world = createFakeWorld();
    world.show(activation());
    const { graph } = world.dependencies;
    let isFirst = true;
    const slow: FakeWorld = {
      ...world,
      dependencies: {
        ...world.dependencies,
        graph: {
          ...graph,
          listRoleInstances: async () => {
            if (isFirst) {
              isFirst = false;
              world.goTo(at(8));
              expect(await run(world)).toBe(true);
            }
            return graph.listRoleInstances();
          },
        },
      },
    };
    expect(await run(slow)).toBe(false);
    expect((await record(world))?.startedAt).toBe(at(8));
  });

  test("that Graph throttles waits for as long as Graph asks", async () => {
    const world = createFakeWorld();
    world.shown.readError = new GraphRetryableError("429", {
      code: "TooManyRequests",
      status: 429,
      reason: "throttled",
      retryAfter: 45_000,
    });
    await run(world);
    expect(await record(world)).toMatchObject({ error: "TooManyRequests", notBefore: at(45), finishedAt: null });
    world.shown.readError = undefined;
    world.goTo(at(44));
    expect(await run(world)).toBe(true);
    expect((await record(world))?.startedAt).toBe(at(0));
    world.goTo(at(45));
    await run(world);
    expect(await record(world)).toMatchObject({ error: null, notBefore: null, finishedAt: at(45) });
  });

  test("that finds Graph unavailable is tried again with the next, and keeps when it last succeeded", async () => {
    const world = createFakeWorld();
    await run(world);
    world.goTo(at(10));
    world.shown.readError = new GraphRetryableError("503", { code: "serviceNotAvailable", reason: "unavailable" });
    await run(world);
    expect(await record(world)).toMatchObject({
      error: "serviceNotAvailable",
      notBefore: null,
      startedAt: at(10),
      finishedAt: at(0),
    });
    expect(world.recorded.at(-1)).toEqual({
      name: "resyncFailed",
      properties: { code: "serviceNotAvailable", status: null, requestId: null, message: "503" },
    });
  });

  test("sets a row aside that is not what Graph promises, reports its place, and serves all other principals", async () => {
    const world = createFakeWorld();
    world.show(activation());
    const { graph } = world.dependencies;
    const listRoleInstances = async () => ({
      ...(await graph.listRoleInstances()),
      unreadable: ["value[7].memberType"],
    });
    await resync({ ...world.dependencies, graph: { ...graph, listRoleInstances }, resyncEvery: 10_000 });
    expect(world.recorded).toContainEqual({
      name: "listRowsUnreadable",
      properties: { place: "value[7].memberType", rows: 1 },
    });
    expect(world.queue.receive(32, 0)).toHaveLength(1);
  });

  test("that Graph refuses is raised", async () => {
    const world = createFakeWorld();
    world.shown.readError = new GraphPermanentError("403", { code: "Authorization_RequestDenied", status: 403 });
    await run(world);
    expect(world.recordedNames()).toEqual(["resyncRefused"]);
  });
});

test("a head of another version is raised and left alone, and holds up nobody else", async () => {
  const world = createFakeWorld();
  world.show(activation(), activation({ principalId: principalOf(2) }));
  await world.principals.commit(jane, [{ type: "insert", row: "head", content: { schema: 2 } }]);
  await run(world);
  expect(world.recorded[0]).toMatchObject({ name: "rowUnreadable", properties: { principalId: jane, row: "head" } });
  expect(world.queue.peekAll().map(({ content }) => content)).toMatchObject([{ principalId: principalOf(2) }]);
});

test.each([
  { name: "storage that does not answer", error: new StorageUnavailableError("away") },
  { name: "a mistake of ours", error: new TypeError("oops") },
])("$name is not swallowed", async ({ error }) => {
  const world = createFakeWorld();
  const broken = async function* () {
    yield* [];
    throw error;
  };
  const dependencies = { ...world.dependencies, principals: { ...world.principals, scan: broken } };
  await expect(resync({ ...dependencies, state: world.state, resyncEvery: 10_000 })).rejects.toThrow(error);
});

test("a record of another version is refused", async () => {
  const world = createFakeWorld();
  await world.state.commit("resync", [{ type: "insert", row: "last", content: { schema: 2 } }]);
  await expect(run(world)).rejects.toThrow(StorageRowError);
});
