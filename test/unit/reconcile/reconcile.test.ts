import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { aroundCommits, deliver } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, enforceAll, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aHolding, aState, at } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const resynced = { principalId: jane, because: "resync", tries: 0 } as const;
const unavailable = new GraphRetryableError("503", { code: "serviceNotAvailable", reason: "unavailable" });

/** A world in which Jane's role has just ended, and no pass has followed yet. */
async function ended(over: Parameters<typeof createFakeWorld>[0] = {}): Promise<FakeWorld> {
  const world = createFakeWorld(over);
  await storePrincipal(world.principals, aState({ holdings: [aHolding()] }));
  world.goTo(at(62));
  return world;
}

test("an activation becomes a holding, its end is awaited, and the sessions revoked once it is gone", async () => {
  const world = createFakeWorld();
  world.show(activation());
  world.when(at(61.4), () => world.show());
  await reconcile(resynced, world.dependencies);
  await deliver(world, at(3600));
  expect(world.shown.revokedAt).toHaveLength(1);
  expect((world.shown.revokedAt[0] ?? 0) - at(61.4)).toBeGreaterThanOrEqual(0);
  expect((world.shown.revokedAt[0] ?? 0) - at(61.4)).toBeLessThan(1000);
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(world.queue.peekAll()).toEqual([]);
});

test("mode off reads nothing, writes nothing and revokes nothing", async () => {
  const world = await ended({ policy: { ...enforceAll, mode: "off" } });
  const before = await loadPrincipal(world.principals, jane);
  await reconcile(resynced, world.dependencies);
  expect(await loadPrincipal(world.principals, jane)).toEqual({ ...before, storageTime: at(62) });
  expect(world.shown.revokedAt).toEqual([]);
});

test("any number of signals is one timer and one revoke", async () => {
  const world = createFakeWorld();
  world.show(activation());
  world.when(at(61.4), () => world.show());
  for (let signals = 0; signals < 5; signals += 1) await reconcile(resynced, world.dependencies);
  expect(world.queue.peekAll()).toHaveLength(1);
  await deliver(world, at(3600));
  for (let signals = 0; signals < 5; signals += 1) await reconcile(resynced, world.dependencies);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.outcomes()).toEqual(["revoked"]);
});

test("a signal for a principal who holds nothing costs a read and causes nothing", async () => {
  const world = createFakeWorld();
  await reconcile(resynced, world.dependencies);
  expect(world.queue.peekAll()).toEqual([]);
  expect(world.recorded).toEqual([]);
});

describe("two instances at once", () => {
  test("the slower one throws its readings away and finds nothing to do", async () => {
    const world = await ended();
    let isFirst = true;
    const slower = aroundCommits(world, async (commit) => {
      if (isFirst) {
        isFirst = false;
        await reconcile(resynced, world.dependencies);
      }
      return commit();
    });
    await reconcile(resynced, slower);
    await deliver(world, at(3600));
    expect(world.shown.revokedAt).toHaveLength(1);
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test("that never let each other commit leave it to a message when their time is up", async () => {
    const world = await ended({ timings: { ...defaultTimings, invocation: 20 } });
    const losing = aroundCommits(world, async () => {
      throw new StorageConflictError("another instance committed first");
    });
    await reconcile(resynced, losing);
    expect(world.shown.revokedAt).toEqual([]);
    expect(world.queue.peekAll()).not.toEqual([]);
    await deliver(world, at(3600));
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test.each([
    { what: "that disturb each other", error: new StorageConflictError("another instance committed first") },
    { what: "that storage fails", error: new StorageUnavailableError("away") },
  ])(
    "a pass that finds its message sent leaves it to that: passes $what do not become more and more",
    async ({ error }) => {
      const world = createFakeWorld();
      world.show(activation());
      let commits = 0;
      const losing = aroundCommits(world, async () => {
        commits += 1;
        throw error;
      });
      world.goTo(at(40));
      await reconcile(resynced, losing);
      expect(commits).toBe(1);
      expect(world.queue.peekAll()).toHaveLength(1);
    },
  );

  test("a conflict after a failed read is no failure of the message", async () => {
    const world = await ended();
    world.shown.readError = unavailable;
    let isFirst = true;
    const racing = aroundCommits(world, async (commit) => {
      if (isFirst) {
        isFirst = false;
        throw new StorageConflictError("another instance committed first");
      }
      world.shown.readError = undefined;
      return commit();
    });
    await reconcile(resynced, racing);
    await deliver(world, at(3600));
    expect(world.outcomes()).toEqual(["revoked"]);
  });
});
