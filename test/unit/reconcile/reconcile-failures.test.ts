import { describe, expect, test } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { StorageRowError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { aroundCommits, Crash, deliver } from "../../fixtures/deliver.ts";
import { createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aHolding, aRevocation, aState, at } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const resynced = { principalId: jane, because: "resync", tries: 0 } as const;
const outage = new StorageUnavailableError("storage did not answer");
const unavailable = new GraphRetryableError("503", { code: "serviceNotAvailable", reason: "unavailable" });

/** A world in which Jane's role has just ended, and no pass has followed yet. */
async function ended(over: Parameters<typeof createFakeWorld>[0] = {}): Promise<FakeWorld> {
  const world = createFakeWorld(over);
  await storePrincipal(world.principals, aState({ holdings: [aHolding()] }));
  world.goTo(at(62));
  return world;
}

const stored = async (world: FakeWorld): Promise<PrincipalState> => (await loadPrincipal(world.principals, jane)).state;

describe("when storage does not answer", () => {
  test.each([
    { tries: 0, delay: 1000 },
    { tries: 3, delay: 8000 },
    { tries: 99, delay: 32_000 },
  ])("the message goes back with a longer delay each time: $tries", async ({ tries, delay }) => {
    const world = await ended();
    const broken = { ...world.principals, list: () => Promise.reject(outage) };
    await reconcile({ ...resynced, tries }, { ...world.dependencies, principals: broken });
    expect(world.queue.peekAll()).toMatchObject([{ visibleAt: at(62) + delay, content: { tries: tries + 1 } }]);
    expect(world.recordedNames()).toEqual(["storageUnavailable"]);
  });

  test("nothing is revoked that was not committed", async () => {
    const world = await ended();
    await reconcile(
      resynced,
      aroundCommits(world, () => Promise.reject(outage)),
    );
    expect(world.shown.revokedAt).toEqual([]);
    await deliver(world, at(3600));
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test("after a failed read the message goes back all the same", async () => {
    const world = await ended();
    world.shown.readError = unavailable;
    await reconcile(
      resynced,
      aroundCommits(world, () => Promise.reject(outage)),
    );
    expect(world.recordedNames()).toContain("storageUnavailable");
    world.shown.readError = undefined;
    await deliver(world, at(3600));
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test("a commit whose answer was lost is found, and its call made once its lease is over", async () => {
    const world = await ended();
    let isFirst = true;
    const flaky = aroundCommits(world, async (commit) => {
      const committed = await commit();
      if (!isFirst) return committed;
      isFirst = false;
      throw outage;
    });
    await reconcile(resynced, flaky);
    await deliver(world, at(3600));
    expect(world.shown.revokedAt).toHaveLength(1);
    expect(world.outcomes()).toEqual(["revoked"]);
  });
});

test("a commit that takes most of the lease leaves the attempt open: no call is made until the lease is over", async () => {
  const world = await ended();
  let isFirst = true;
  const slow = aroundCommits(world, async (commit) => {
    const committed = await commit();
    if (isFirst) world.goTo(world.clock.now() + 45_001);
    isFirst = false;
    return committed;
  });
  await reconcile(resynced, slow);
  expect([world.recordedNames().includes("leaseOver"), world.shown.revokedAt]).toEqual([true, []]);
  await deliver(world, at(3600));
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.shown.revokedAt[0]).toBeGreaterThanOrEqual(at(62 + 60));
  expect(world.outcomes()).toEqual(["revoked"]);
});

describe("a host that dies", () => {
  const survivors = async (world: FakeWorld) => {
    world.goTo(world.clock.now() + 1000);
    await deliver(world, at(3600));
    return { calls: world.shown.revokedAt.length, outcomes: world.outcomes() };
  };

  test("between the commit and the call: the safety net finds the attempt, and one revoke is made", async () => {
    const world = await ended();
    const revoke = world.shown.revoke;
    world.shown.revoke = () => Promise.reject(new Crash());
    await expect(reconcile(resynced, world.dependencies)).rejects.toThrow(Crash);
    world.shown.revoke = revoke;
    expect(await survivors(world)).toEqual({ calls: 1, outcomes: ["revoked"] });
    expect(world.shown.revokedAt[0]).toBeGreaterThanOrEqual(at(62 + 60 + 15));
  });

  test("between the call and its record: the read-back shows it, and it is not made again", async () => {
    const world = await ended();
    const dying = aroundCommits(world, (commit) => {
      if (world.shown.revokedAt.length > 0) throw new Crash();
      return commit();
    });
    await expect(reconcile(resynced, dying)).rejects.toThrow(Crash);
    expect(await survivors(world)).toEqual({ calls: 1, outcomes: ["revoked"] });
  });

  test("before the commit: nothing was decided, and its message does it all again", async () => {
    const world = await ended();
    await world.queue.send({ v: 2, kind: "principal", ...resynced }, 0);
    const dying = aroundCommits(world, () => Promise.reject(new Crash()));
    await deliver(world, at(63), dying);
    expect(await survivors(world)).toEqual({ calls: 1, outcomes: ["revoked"] });
  });
});

describe("rows of another version", () => {
  test("stop everything for this principal, loudly, and stay as they are", async () => {
    const world = await ended();
    const newer = { schema: 2, ...aHolding() };
    await world.principals.commit(jane, [{ type: "upsert", row: "holding|newer", content: newer }]);
    await expect(reconcile(resynced, world.dependencies)).rejects.toThrow(StorageRowError);
    expect((await world.principals.get(jane, "holding|newer")).value?.content).toEqual(newer);
    expect(world.shown.revokedAt).toEqual([]);
  });

  test("in place of the emergency stop: nothing is revoked", async () => {
    const world = await ended();
    await world.state.commit("control", [{ type: "upsert", row: "stop", content: { schema: 2 } }]);
    await expect(reconcile(resynced, world.dependencies)).rejects.toThrow(StorageRowError);
    expect(world.shown.revokedAt).toEqual([]);
    expect((await stored(world)).holdings.size).toBe(1);
  });
});

test("an error that is nobody's known failure is not swallowed", async () => {
  const world = await ended();
  world.shown.readError = new TypeError("a mistake of ours");
  await expect(reconcile(resynced, world.dependencies)).rejects.toThrow(TypeError);
});

test("a pending revocation left by a crash amid a large commit is carried out once", async () => {
  const world = await ended();
  await storePrincipal(world.principals, aState({ holdings: [aHolding()], revocations: [aRevocation()] }));
  await reconcile(resynced, world.dependencies);
  await deliver(world, at(3600));
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.outcomes()).toEqual(["revoked"]);
});
