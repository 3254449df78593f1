import { beforeEach, expect, test } from "vitest";
import { createKnownMassExpiries, storeMassExpiry } from "../../../shared/reconcile/mass-expiry-store.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { at } from "../../fixtures/principal-builders.ts";

let world: FakeWorld;
let reads: number;

beforeEach(async () => {
  world = createFakeWorld();
  reads = 0;
  await storeMassExpiry(world.state, { second: at(10), principals: [jane] });
});

const knownMassExpiries = (list = world.state.list) =>
  createKnownMassExpiries(
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
  const massExpiries = knownMassExpiries();
  const answers = await Promise.all(Array.from({ length: 1000 }, () => massExpiries(at(5))));
  expect(answers.every(([massExpiry]) => massExpiry?.second === at(10))).toBe(true);
  expect(reads).toBe(1);
});

test("an answer is believed for a second", async () => {
  const massExpiries = knownMassExpiries();
  await massExpiries(at(0));
  await storeMassExpiry(world.state, { second: at(20), principals: [jane] });
  world.goTo(at(0.9));
  expect(await massExpiries(at(0.9))).toHaveLength(1);
  world.goTo(at(1));
  expect(await massExpiries(at(1))).toHaveLength(2);
});

test("a failure is forgotten", async () => {
  let isAway = true;
  const massExpiries = knownMassExpiries(async (...args) => {
    if (isAway) throw new StorageUnavailableError("away");
    return world.state.list(...args);
  });
  await expect(massExpiries(at(0))).rejects.toThrow(StorageUnavailableError);
  isAway = false;
  expect(await massExpiries(at(0))).toHaveLength(1);
});
