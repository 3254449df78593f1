import { beforeEach, expect, test } from "vitest";
import { createKnownRushes, storeRush } from "../../../shared/reconcile/mass-expiry-store.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { at } from "../../fixtures/principal-builders.ts";

let world: FakeWorld;
let reads: number;

beforeEach(async () => {
  world = createFakeWorld();
  reads = 0;
  await storeRush(world.state, { second: at(10), principals: [jane] });
});

const knownRushes = (list = world.state.list) =>
  createKnownRushes(
    {
      ...world.state,
      list: (...args) => {
        reads += 1;
        return list(...args);
      },
    },
    world.clock,
  );

test("a thousand timers read storage once", async () => {
  const rushes = knownRushes();
  const answers = await Promise.all(Array.from({ length: 1000 }, () => rushes(at(5))));
  expect(answers.every(([rush]) => rush?.second === at(10))).toBe(true);
  expect(reads).toBe(1);
});

test("an answer is believed for a second", async () => {
  const rushes = knownRushes();
  await rushes(at(0));
  await storeRush(world.state, { second: at(20), principals: [jane] });
  world.goTo(at(0.9));
  expect(await rushes(at(0.9))).toHaveLength(1);
  world.goTo(at(1));
  expect(await rushes(at(1))).toHaveLength(2);
});

test("a failure is forgotten", async () => {
  let isAway = true;
  const rushes = knownRushes(async (...args) => {
    if (isAway) throw new StorageUnavailableError("away");
    return world.state.list(...args);
  });
  await expect(rushes(at(0))).rejects.toThrow(StorageUnavailableError);
  isAway = false;
  expect(await rushes(at(0))).toHaveLength(1);
});
