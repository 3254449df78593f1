import { expect, test } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { takeMassExpiry } from "../../../shared/reconcile/mass-expiry.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { resync } from "../../../shared/reconcile/resync.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { deliver } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, enforceAll, type FakeWorld } from "../../fixtures/fake-world.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";

const principalOf = (index: number) => `0a1b2c3d-0000-4000-9000-${String(index).padStart(12, "0")}`;
const everybody = Array.from({ length: 100 }, (_, index) => principalOf(index));
const second = at(600);
const run = (world: FakeWorld) => resync({ ...world.dependencies, state: world.state, resyncEvery: 10_000 });

/** A hundred roles that end in one second, known for ten minutes; the resync has just announced the mass expiry. */
async function announced(over: Parameters<typeof createFakeWorld>[0] = {}) {
  const world = createFakeWorld(over);
  world.show(...everybody.map((principalId) => activation({ principalId, endDateTime: isoAt(600.5) })));
  await run(world);
  await deliver(world, at(5));
  world.goTo(at(580));
  await run(world);
  return world;
}

const counts = (world: FakeWorld) => ({
  users: new Set(world.shown.revoked).size,
  calls: world.shown.revoked.length,
  outcomes: world.outcomes().filter((outcome) => outcome === "revoked").length,
});
const stolen = { schema: 1, second, principals: everybody, lease: { holder: "another", until: at(9999) }, done: false };
const all = { users: 100, calls: 100, outcomes: 100 };

test("a hundred ends in one second are each cut once, by one reader of the list", async () => {
  const world = await announced();
  world.when(at(601.4), () => world.show());
  await deliver(world, at(1200));
  expect(counts(world)).toEqual(all);
  expect(Math.min(...world.shown.revokedAt)).toBeGreaterThanOrEqual(at(601.4));
  expect(Math.max(...world.shown.revokedAt)).toBeLessThan(at(604));
  expect(world.recordedNames()).toContain("massExpiryEnded");
});

const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";

/** Every tenth has the most powerful role; most of the others have left the list when an instance begins. */
test.each([
  { name: "begun in time", at: 600 },
  { name: "begun when some have left the list already", at: 602 },
  { name: "begun when all have left the list already", at: 603 },
])("the most privileged are cut first, in whatever order they leave the list: $name", async ({ at: begins }) => {
  const isPrivileged = (_: string, index: number) => index % 10 === 7;
  const privileged = everybody.filter(isPrivileged);
  const rows = everybody.map((principalId) =>
    activation({
      principalId,
      endDateTime: isoAt(600.5),
      ...(privileged.includes(principalId) ? { roleDefinitionId: globalAdministrator } : {}),
    }),
  );
  const world = createFakeWorld();
  world.show(...rows);
  await run(world);
  await deliver(world, at(5));
  world.goTo(at(570));
  await run(world);
  world.queue.purge();
  world.when(at(601.5), () => world.show(...rows.filter((_, index) => index % 10 > 4)));
  world.when(at(602.5), () => world.show());
  world.goTo(at(begins));
  await takeMassExpiry(second, { ...world.dependencies, resyncEvery: 10_000 });
  const places = privileged.map((id) => world.shown.revoked.indexOf(id));
  expect(places).not.toContain(-1);
  // Of those that had left before, one portion may have been cut already.
  const before = begins < 603 ? 50 : 0;
  expect(Math.max(...places)).toBeLessThan(before + privileged.length);
});

test("a timer of one of them before the end leaves the pass to the mass expiry; every other signal leads to a pass", async () => {
  const world = await announced();
  world.show();
  const signal = { principalId: principalOf(3), tries: 0 } as const;
  const held = async () => (await world.principals.list(principalOf(3), "holding|")).value;
  await reconcile({ ...signal, because: "timer" }, world.dependencies);
  expect(await held()).toMatchObject([{ content: { absence: null } }]);
  await reconcile({ ...signal, because: "operator" }, world.dependencies);
  expect(await held()).toMatchObject([{ content: { absence: { since: at(580) } } }]);
  await deliver(world, at(1200));
  expect(counts(world)).toEqual(all);
});

test("a principal who is still listed after a minute and a half gets a pass of its own", async () => {
  const world = await announced();
  const late = activation({ principalId: principalOf(7), endDateTime: isoAt(600.5) });
  world.when(at(601), () => world.show(late));
  world.when(at(720), () => world.show());
  await deliver(world, at(3600));
  expect(counts(world)).toEqual(all);
  expect(world.recorded.find(({ name }) => name === "massExpiryEnded")?.properties).toMatchObject({ left: 1 });
});

test("whom only the list shows, announced too late, is cut once by a pass of its own", async () => {
  const world = await announced();
  const late = principalOf(100);
  const rows = [...everybody, late].map((principalId) => activation({ principalId, endDateTime: isoAt(600.5) }));
  world.show(...rows);
  await reconcile({ principalId: late, because: "notification", tries: 0 }, world.dependencies);
  world.when(at(601.4), () => world.show());
  await takeMassExpiry(second, { ...world.dependencies, resyncEvery: 10_000 });
  expect([counts(world).users, world.shown.revoked.includes(late)]).toEqual([100, false]);
  await deliver(world, at(1200));
  expect(counts(world)).toEqual({ users: 101, calls: 101, outcomes: 101 });
});

test("as long as one instance waits for late removals, no other begins or makes a pass", async () => {
  const world = await announced();
  world.showFrom(at(650), { instances: [], directory: [] });
  world.when(at(645), async () => {
    await takeMassExpiry(second, { ...world.dependencies, resyncEvery: 10_000 });
    await run(world);
  });
  await deliver(world, at(3600));
  expect(counts(world)).toEqual(all);
  expect(world.recordedNames().filter((name) => name === "massExpiryBegan")).toHaveLength(1);
  expect(world.recorded.filter(({ name }) => name === "resynced").at(-1)?.properties.enqueued).toBe(0);
});

test("an instance that has lost the lease while waiting leaves the others to its new holder", async () => {
  const world = await announced();
  world.when(at(605), () =>
    world.state.commit("massExpiry", [{ type: "upsert", row: new Date(second).toISOString(), content: stolen }]),
  );
  await deliver(world, at(640));
  expect(world.recordedNames()).toContain("massExpiryBegan");
  expect(world.recordedNames()).not.toContain("massExpiryEnded");
});

test("a list that cannot be read for a while delays the mass expiry and loses nobody", async () => {
  const world = await announced();
  world.shown.readError = new GraphRetryableError("503", { code: "serviceNotAvailable", reason: "unavailable" });
  world.showFrom(at(610), { readError: undefined, instances: [], directory: [] });
  await deliver(world, at(3600));
  expect(counts(world)).toEqual(all);
});

test("a mass expiry whose message is lost is made up for by the resync", async () => {
  const world = await announced();
  world.queue.purge();
  world.show();
  for (let seconds = 590; seconds < 700; seconds += 10) {
    world.goTo(Math.max(at(seconds), world.clock.now()));
    await run(world);
    await deliver(world, at(seconds + 9));
  }
  await deliver(world, at(3600));
  expect(counts(world)).toEqual(all);
});

test("a mass expiry is cut by one instance only", async () => {
  const world = await announced();
  world.show();
  world.goTo(at(602));
  const dependencies = { ...world.dependencies, resyncEvery: 10_000 };
  await Promise.all([takeMassExpiry(second, dependencies), takeMassExpiry(second, dependencies)]);
  expect(world.recordedNames().filter((name) => name === "massExpiryBegan")).toHaveLength(1);
  await takeMassExpiry(second, dependencies);
  expect(world.recordedNames().filter((name) => name === "massExpiryBegan")).toHaveLength(1);
});

test("in mode off nobody takes it", async () => {
  const world = await announced();
  world.show();
  world.goTo(at(602));
  await takeMassExpiry(second, { ...world.dependencies, policy: { ...enforceAll, mode: "off" }, resyncEvery: 10_000 });
  expect(world.recordedNames()).not.toContain("massExpiryBegan");
});

test("a principal with a row of another version is raised, and holds up nobody else", async () => {
  const world = await announced();
  await world.principals.commit(principalOf(0), [{ type: "upsert", row: "holding|newer", content: { schema: 2 } }]);
  world.show();
  world.goTo(at(602));
  await takeMassExpiry(second, { ...world.dependencies, resyncEvery: 10_000 });
  expect(world.recorded.filter(({ name }) => name === "rowUnreadable")).toMatchObject([
    { properties: { principalId: principalOf(0), code: "STORAGE_ROW_UNREADABLE" } },
  ]);
  expect(counts(world).users).toBe(99);
});

test.each(["list", "pass"])("a mistake of ours is not swallowed: %s", async (where) => {
  const world = await announced();
  world.show();
  world.goTo(at(602));
  const oops = () => Promise.reject(new TypeError("oops"));
  const { graph } = world.dependencies;
  const broken = where === "list" ? { ...graph, listRoleInstances: oops } : { ...graph, readPrincipal: oops };
  await expect(takeMassExpiry(second, { ...world.dependencies, graph: broken, resyncEvery: 10_000 })).rejects.toThrow(
    TypeError,
  );
});

test("storage that does not answer is no failure of the message: every principal gets a pass without the mass expiry", async () => {
  const world = await announced();
  world.show();
  world.goTo(at(602));
  const away = { ...world.state, commit: () => Promise.reject(new StorageUnavailableError("away")) };
  await takeMassExpiry(second, { ...world.dependencies, state: away, resyncEvery: 10_000 });
  expect(world.recordedNames().at(-1)).toBe("storageUnavailable");
  for (let seconds = 620; seconds < 700; seconds += 10) {
    world.goTo(Math.max(at(seconds), world.clock.now()));
    await run(world);
    await deliver(world, at(seconds + 9));
  }
  expect(counts(world)).toEqual(all);
});

test("a mass expiry of another version is raised by the resync, which then enqueues every pass itself", async () => {
  const world = await announced();
  await world.state.commit("massExpiry", [{ type: "insert", row: "newer", content: { schema: 2 } }]);
  world.show();
  world.goTo(at(590));
  await run(world);
  expect(world.recorded.find(({ name }) => name === "rowUnreadable")?.properties).toMatchObject({
    partition: "massExpiry",
  });
  expect(world.recorded.at(-1)).toMatchObject({ name: "resynced", properties: { enqueued: 100 } });
});
