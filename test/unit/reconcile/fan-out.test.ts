import { describe, expect, it } from "vitest";
import type { Threshold } from "../../../shared/enforcement/threshold.ts";
import type { CoreDependencies } from "../../../shared/reconcile/dependencies.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { Crash } from "../../fixtures/deliver.ts";
import { start } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, member } from "../../fixtures/group-world.ts";

const crowd = (size: number) => Array.from({ length: size }, (_, n) => member(n));

/** A world in which a group of this size has just lost its role. */
async function createEndedWorld(size: number, over: Partial<CoreDependencies> = {}) {
  const world = createGroupWorld(over);
  world.shown.members.set(admins, crowd(size));
  await world.pass();
  world.from(61.4, () => {
    world.shown.roles = [];
  });
  return world;
}

/** As when the audit log shows that the group lost its role: so many would be held else. */
const admitAll: Threshold = async ({ due }) => ({
  cleared: new Map(due.map(({ key }) => [key, "corroborated"])),
  consulted: false,
});

/** The world's dependencies, whose host dies at the nth commit, before or after its effect. */
function dyingAt(
  { dependencies }: { dependencies: CoreDependencies },
  nth: number,
  when: "before" | "after",
): CoreDependencies {
  let commits = 0;
  return {
    ...dependencies,
    principals: {
      ...dependencies.principals,
      async commit(partition, operations) {
        commits += 1;
        // The dead do nothing more, side by side or not.
        if (commits > nth || (commits === nth && when === "before")) throw new Crash();
        const answer = await dependencies.principals.commit(partition, operations);
        if (commits >= nth) throw new Crash();
        return answer;
      },
    },
  };
}

describe("a group role of 5,000 members", () => {
  it("cuts each of them once, within the quotas, though the host dies in the middle", async () => {
    const world = await createEndedWorld(5000, { threshold: admitAll });
    // The first pages are written, the next one by half.
    await world.deliver(62, dyingAt(world, 250, "after"));
    expect((await world.stateOf()).fanouts.size).toBe(1);
    await world.deliver(1800);
    expect(new Set(world.revoked.map(({ userId }) => userId)).size).toBe(5000);
    expect(world.revoked).toHaveLength(5000);
    expect((await world.stateOf()).fanouts.size).toBe(0);
    const times = world.revoked.map(({ at }) => at);
    const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 150_000).length));
    // Graph allows 3,000 writes in 150 seconds (Graph docs: throttling-limits).
    expect(busiest).toBeLessThanOrEqual(3000);
    expect(Math.max(...times) - start).toBeLessThan(1_200_000);
  }, 120_000);
});

describe("a host that dies while passing on", () => {
  it.each(
    Array.from({ length: 9 }, (_, n) => n + 1).flatMap((nth) => [[nth, "before"] as const, [nth, "after"] as const]),
  )("at commit %i, %s its effect, leaves each member cut once", async (nth, when) => {
    const world = await createEndedWorld(3);
    await world.deliver(64, dyingAt(world, nth, when));
    await world.deliver(2000);
    expect(world.revoked.map(({ userId }) => userId).toSorted()).toEqual(crowd(3));
    expect((await world.stateOf()).fanouts.size).toBe(0);
    for (const id of crowd(3)) expect(await world.revocationsOf(id)).toHaveLength(1);
  });
});

describe("passing on", () => {
  it("reaches those, too, who leave the group while it goes on: they were in it when its role ended", async () => {
    const world = await createEndedWorld(150);
    await world.deliver(64, dyingAt(world, 120, "after"));
    expect((await world.stateOf()).fanouts.size).toBe(1);
    world.shown.members.set(admins, []);
    await world.deliver(2000);
    expect(world.revoked.map(({ userId }) => userId).toSorted()).toEqual(crowd(150));
    for (const id of crowd(150)) expect(await world.revocationsOf(id)).toHaveLength(1);
  });

  it("goes on past a member whose rows another version wrote, and comes back to it", async () => {
    const world = await createEndedWorld(3);
    const { principals } = world.dependencies;
    await principals.commit(member(1), [{ type: "insert", row: "head", content: { schema: 2 } }]);
    await world.deliver(120);
    expect(world.revoked.map(({ userId }) => userId)).toEqual([member(0), member(2)]);
    expect(world.recordedOf("rowUnreadable")).toContainEqual({
      principalId: member(1),
      row: "head",
      code: "STORAGE_ROW_UNREADABLE",
    });
    expect((await world.stateOf()).fanouts.size).toBe(1);
    const { value } = await principals.get(member(1), "head");
    await principals.commit(member(1), [{ type: "delete", row: "head", etag: value?.etag ?? "" }]);
    await world.deliver(200);
    expect(world.revoked).toHaveLength(3);
    expect((await world.stateOf()).fanouts.size).toBe(0);
  });
});

describe("in a mass expiry, where each principal gets one pass", () => {
  it("a group's loss is fanned out to its members in that pass", async () => {
    const world = await createEndedWorld(3);
    world.goTo(start + 62_000);
    await reconcile({ principalId: admins, because: "timer", tries: 0 }, world.dependencies, true);
    expect((await world.stateOf()).fanouts.size).toBe(0);
    await world.deliver(70);
    expect(world.revoked).toHaveLength(3);
  });

  it("what does not fit into it goes on by a message", async () => {
    const world = await createEndedWorld(250);
    world.goTo(start + 62_000);
    // Every commit takes a while.
    const { principals } = world.dependencies;
    const slow: CoreDependencies = {
      ...world.dependencies,
      threshold: admitAll,
      principals: {
        ...principals,
        async commit(partition, operations) {
          await world.clock.sleep(40);
          return principals.commit(partition, operations);
        },
      },
    };
    await reconcile({ principalId: admins, because: "timer", tries: 0 }, slow, true);
    expect((await world.stateOf()).fanouts.size).toBe(1);
    await world.deliver(200, slow);
    expect((await world.stateOf()).fanouts.size).toBe(0);
    expect(world.revoked).toHaveLength(250);
  });
});
