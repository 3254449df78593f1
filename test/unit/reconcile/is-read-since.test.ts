import { expect, test } from "vitest";
import { isReadSince, reconcile } from "../../../shared/reconcile/reconcile.ts";
import { start } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, member } from "../../fixtures/group-world.ts";

const notifiedAt = (seconds: number) =>
  ({ principalId: admins, because: "notification", tries: 0, notifiedAt: start + seconds * 1000 }) as const;

test("a signal from before the last read needs no pass; within two seconds of it the order is not known", async () => {
  const world = createGroupWorld();
  world.goTo(start + 10_000);
  await world.pass();
  expect(await isReadSince(notifiedAt(8), world.principals)).toBe(true);
  expect(await isReadSince(notifiedAt(9), world.principals)).toBe(false);
  expect(await isReadSince(notifiedAt(11), world.principals)).toBe(false);
});

test("a group that was never read, and a signal without a time, get a pass", async () => {
  const world = createGroupWorld();
  expect(await isReadSince(notifiedAt(0), world.principals)).toBe(false);
  await world.pass();
  expect(await isReadSince({ principalId: admins, because: "timer", tries: 0 }, world.principals)).toBe(false);
});

test("a burst about one group is one read", async () => {
  const world = createGroupWorld();
  world.shown.members.set(admins, [member(1)]);
  await world.pass();
  world.goTo(start + 100_000);
  await reconcile({ ...notifiedAt(90), confirms: admins }, world.dependencies);
  const reads = world.reads();
  for (let n = 0; n < 20; n += 1) await reconcile({ ...notifiedAt(91), confirms: admins }, world.dependencies);
  expect(world.reads()).toBe(reads);
});
