import { beforeEach, describe, expect, test } from "vitest";
import { listedRows } from "../../../shared/model/holding.ts";
import { finishMassExpiry, leaseMassExpiry, storeMassExpiry } from "../../../shared/reconcile/mass-expiry-store.ts";
import { isAwaitedInMassExpiry } from "../../../shared/reconcile/reconcile.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { activation, createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aState, at, isoAt } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const timer = { principalId: jane, because: "timer", tries: 0 } as const;
let world: FakeWorld;

const listed = listedRows([activation({ endDateTime: isoAt(10.5) })]);

/** Jane's role ends in ten seconds, in a mass expiry that counts with her. */
beforeEach(async () => {
  world = createFakeWorld();
  await storePrincipal(world.principals, aState({ head: { listed } }));
  await storeMassExpiry(world.state, { second: at(10), principals: [jane] });
});

test("a timer before a mass expiry's second leaves the pass to the mass expiry", async () => {
  expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(true);
});

test.each([
  { name: "another signal", signal: { ...timer, because: "resync" } as const },
  { name: "a message of the mass expiry itself", signal: { ...timer, because: "massExpiry" } as const },
  { name: "a timer of another principal", signal: { ...timer, principalId: "another" } },
])("$name leads to a pass", async ({ signal }) => {
  expect(await isAwaitedInMassExpiry(signal, world.dependencies)).toBe(false);
});

describe("a timer that is delivered after the second", () => {
  beforeEach(() => world.goTo(at(12)));

  test("leaves the pass to the instance that cuts the mass expiry, as long as it does", async () => {
    await leaseMassExpiry(world.state, at(10), "another");
    expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(true);
    world.goTo(at(100));
    expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(false);
  });

  test("leads to a pass when no instance has begun, or when the mass expiry is over", async () => {
    world.goTo(at(26));
    expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(false);
    await leaseMassExpiry(world.state, at(10), "another");
    await finishMassExpiry(world.state, at(10));
    expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(false);
  });

  test("leads to a pass once the principal was seen without the role: it is for something else", async () => {
    await leaseMassExpiry(world.state, at(10), "another");
    await storePrincipal(world.principals, aState({ head: { listed: [] } }));
    expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(false);
  });
});

test("a timer of a principal with other work open leads to a pass: it may be for that", async () => {
  await storePrincipal(world.principals, aState({ head: { listed, openSince: at(-5) } }));
  expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(false);
});

test("a timer of a principal whose role was extended since leads to a pass", async () => {
  const later = listedRows([activation({ endDateTime: isoAt(20) })]);
  await storePrincipal(world.principals, aState({ head: { listed: later } }));
  expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(false);
});

test("a principal in a mass expiry who never had a pass gets one", async () => {
  await storeMassExpiry(world.state, { second: at(11), principals: ["0a1b2c3d-0000-4000-9000-000000000002"] });
  const unknown = { ...timer, principalId: "0a1b2c3d-0000-4000-9000-000000000002" };
  expect(await isAwaitedInMassExpiry(unknown, world.dependencies)).toBe(false);
});

test("in doubt every principal gets a pass: a mass expiry of another version is raised", async () => {
  await world.state.commit("massExpiry", [{ type: "insert", row: "newer", content: { schema: 2 } }]);
  expect(await isAwaitedInMassExpiry(timer, world.dependencies)).toBe(false);
  expect(world.recorded).toMatchObject([{ name: "rowUnreadable", properties: { code: "STORAGE_ROW_UNREADABLE" } }]);
});

test("in doubt every principal gets a pass: storage does not answer; a mistake of ours is not swallowed", async () => {
  const failing = (error: Error) => ({ ...world.dependencies, massExpiries: () => Promise.reject(error) });
  const away = failing(new StorageUnavailableError("away"));
  expect(await isAwaitedInMassExpiry(timer, away)).toBe(false);
  const oops = failing(new TypeError("oops"));
  await expect(isAwaitedInMassExpiry(timer, oops)).rejects.toThrow(TypeError);
});
