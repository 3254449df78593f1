import { beforeEach, describe, expect, test } from "vitest";
import { listedRows } from "../../../shared/model/privilege.ts";
import { finishRush, leaseRush, storeRush } from "../../../shared/reconcile/mass-expiry-store.ts";
import { isAwaitedInRush } from "../../../shared/reconcile/reconcile.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { activation, createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aState, at, isoAt } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const timer = { principalId: jane, because: "timer", tries: 0 } as const;
let world: FakeWorld;

const listed = listedRows([activation({ endDateTime: isoAt(10.5) })]);

/** Jane's role ends in ten seconds, in a rush that counts with her. */
beforeEach(async () => {
  world = createFakeWorld();
  await storePrincipal(world.principals, aState({ head: { listed } }));
  await storeRush(world.state, { second: at(10), principals: [jane] });
});

test("a timer before a rush's second leaves the look to the rush", async () => {
  expect(await isAwaitedInRush(timer, world.dependencies)).toBe(true);
});

test.each([
  { name: "another signal", signal: { ...timer, because: "resync" } as const },
  { name: "what the rush itself asked for", signal: { ...timer, because: "rush" } as const },
  { name: "a timer of somebody else", signal: { ...timer, principalId: "another" } },
])("$name looks", async ({ signal }) => {
  expect(await isAwaitedInRush(signal, world.dependencies)).toBe(false);
});

describe("a timer that is delivered after the second", () => {
  beforeEach(() => world.goTo(at(12)));

  test("leaves the look to whoever cuts the rush, as long as they do", async () => {
    await leaseRush(world.state, at(10), "somebody");
    expect(await isAwaitedInRush(timer, world.dependencies)).toBe(true);
    world.goTo(at(100));
    expect(await isAwaitedInRush(timer, world.dependencies)).toBe(false);
  });

  test("looks when nobody has begun, or when the rush is over", async () => {
    world.goTo(at(26));
    expect(await isAwaitedInRush(timer, world.dependencies)).toBe(false);
    await leaseRush(world.state, at(10), "somebody");
    await finishRush(world.state, at(10));
    expect(await isAwaitedInRush(timer, world.dependencies)).toBe(false);
  });

  test("looks once the principal was seen without the role: it is for something else", async () => {
    await leaseRush(world.state, at(10), "somebody");
    await storePrincipal(world.principals, aState({ head: { listed: [] } }));
    expect(await isAwaitedInRush(timer, world.dependencies)).toBe(false);
  });
});

test("a timer of somebody with other work open looks: it may be for that", async () => {
  await storePrincipal(world.principals, aState({ head: { listed, openSince: at(-5) } }));
  expect(await isAwaitedInRush(timer, world.dependencies)).toBe(false);
});

test("a timer of somebody whose role was extended since looks", async () => {
  const later = listedRows([activation({ endDateTime: isoAt(20) })]);
  await storePrincipal(world.principals, aState({ head: { listed: later } }));
  expect(await isAwaitedInRush(timer, world.dependencies)).toBe(false);
});

test("somebody in a rush who was never looked at is looked at", async () => {
  await storeRush(world.state, { second: at(11), principals: ["0a1b2c3d-0000-4000-9000-000000000002"] });
  const unknown = { ...timer, principalId: "0a1b2c3d-0000-4000-9000-000000000002" };
  expect(await isAwaitedInRush(unknown, world.dependencies)).toBe(false);
});

test("in doubt everybody looks: a rush of another version is raised", async () => {
  await world.state.commit("rush", [{ type: "insert", row: "newer", content: { schema: 2 } }]);
  expect(await isAwaitedInRush(timer, world.dependencies)).toBe(false);
  expect(world.told).toMatchObject([{ name: "rowUnreadable", properties: { code: "STORAGE_ROW_UNREADABLE" } }]);
});

test("in doubt everybody looks: storage does not tell; a mistake of ours is not swallowed", async () => {
  const failing = (error: Error) => ({ ...world.dependencies, rushes: () => Promise.reject(error) });
  const away = failing(new StorageUnavailableError("away"));
  expect(await isAwaitedInRush(timer, away)).toBe(false);
  const oops = failing(new TypeError("oops"));
  await expect(isAwaitedInRush(timer, oops)).rejects.toThrow(TypeError);
});
