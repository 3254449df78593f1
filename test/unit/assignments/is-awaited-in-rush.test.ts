import { beforeEach, expect, test } from "vitest";
import { isAwaitedInRush } from "../../../shared/assignments/is-awaited-in-rush.ts";
import { storeRush } from "../../../shared/assignments/rush-store.ts";
import { StorageUnavailableError } from "../../../shared/storage/storage-errors.ts";
import { createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aState, at } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const timer = { principalId: jane, because: "timer", tries: 0 } as const;
let world: FakeWorld;

/** Jane is known, and a rush in ten seconds counts with her. */
beforeEach(async () => {
  world = createFakeWorld();
  await storePrincipal(world.principals, aState());
  await storeRush(world.state, { second: at(10), principals: [jane] });
});

test("a timer before a rush's second leaves the look to the rush", async () => {
  expect(await isAwaitedInRush(timer, world.dependencies)).toBe(true);
});

test.each([
  { name: "another signal", signal: { ...timer, because: "resync" } as const },
  { name: "a timer of somebody else", signal: { ...timer, principalId: "another" } },
])("$name looks", async ({ signal }) => {
  expect(await isAwaitedInRush(signal, world.dependencies)).toBe(false);
});

test("a timer after the rush's second looks", async () => {
  world.goTo(at(10));
  expect(await isAwaitedInRush(timer, world.dependencies)).toBe(false);
});

test("a timer of somebody with other work open looks: it may be for that", async () => {
  await storePrincipal(world.principals, aState({ head: { openSince: at(-5) } }));
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
  const failing = (error: Error) => ({ ...world.state, list: () => Promise.reject(error) });
  const away = failing(new StorageUnavailableError("away"));
  expect(await isAwaitedInRush(timer, { ...world.dependencies, state: away })).toBe(false);
  const oops = failing(new TypeError("oops"));
  await expect(isAwaitedInRush(timer, { ...world.dependencies, state: oops })).rejects.toThrow(TypeError);
});
