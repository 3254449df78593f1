import { describe, expect, test } from "vitest";
import type { Corroborates } from "../../../shared/enforcement/threshold.ts";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { enforceAll, iso, start } from "../../fixtures/fake-world.ts";
import { activationOf, createManyUsers, userId } from "../../fixtures/many-users.ts";

const minute = 60_000;
const hour = 60 * minute;
const removedAt = start + 61_000;

/** Users whose activations all end 60.5 s after the start and are gone half a second later. */
async function endTogether(world: ReturnType<typeof createManyUsers>, count: number): Promise<void> {
  const users = Array.from({ length: count }, (_, index) => index + 1);
  for (const n of users) world.showOf(n, activationOf(n));
  for (const n of users) await world.pass(n);
  world.shown.atTime = (now) => {
    if (now < removedAt) return;
    world.shown.atTime = undefined;
    for (const n of users) world.showOf(n);
  };
}

const heldOf = async (world: ReturnType<typeof createManyUsers>, n: number) =>
  (await world.revocationsOf(n)).map(({ threshold, progress }) => ({
    threshold,
    heldBy: progress.state === "pending" ? progress.heldBy : progress.state,
  }));

describe("more users than the limit", () => {
  test("the first are revoked, the others stay pending past the window, and it is raised once", async () => {
    const world = createManyUsers({ limits: { planned: 2, unplanned: 0 } });
    await endTogether(world, 5);
    await world.deliver(start + 2 * hour);
    expect(world.revoked).toHaveLength(2);
    for (const n of [1, 2, 3, 4, 5]) {
      const isRevoked = world.revoked.includes(userId(n));
      const expected = isRevoked
        ? { threshold: "admitted", heldBy: "closed" }
        : { threshold: "held", heldBy: "threshold" };
      expect(await heldOf(world, n)).toEqual([expected]);
    }
    expect(world.recordedOf("thresholdReached")).toHaveLength(1);
    expect(world.recordedOf("threshold").map(({ mark }) => mark)).toHaveLength(5);
  });

  test("what nobody clears ends as stale", async () => {
    const world = createManyUsers({ limits: { planned: 1, unplanned: 0 } });
    await endTogether(world, 3);
    await world.deliver(start + 30 * hour);
    expect(world.outcomes().toSorted()).toEqual(["revoked", "stale", "stale"]);
    expect(world.revoked).toHaveLength(1);
  });

  test("report-only asks the same, and records whom it would have cut and whom held", async () => {
    const world = createManyUsers(
      { limits: { planned: 2, unplanned: 0 } },
      { policy: { ...enforceAll, mode: "reportOnly" } },
    );
    await endTogether(world, 3);
    await world.deliver(start + hour);
    expect(world.outcomes()).toEqual(["reportOnly", "reportOnly", "reportOnly"]);
    expect(world.recordedOf("outcome").map(({ detail }) => detail)).toEqual([
      "wouldRevoke",
      "wouldRevoke",
      "wouldBeHeld",
    ]);
    expect(world.recordedOf("thresholdReached")).toHaveLength(1);
    expect(world.revoked).toEqual([]);
  });

  test("report-only records as cut what Graph's audit log shows", async () => {
    const world = createManyUsers(
      { limits: { planned: 0, unplanned: 0 }, corroborates: async () => true },
      { policy: { ...enforceAll, mode: "reportOnly" } },
    );
    await endTogether(world, 1);
    await world.deliver(start + hour);
    expect(world.recordedOf("outcome")).toMatchObject([{ outcome: "reportOnly", detail: "wouldRevoke" }]);
  });

  test("a stop comes first, and what was held is still held after it", async () => {
    const world = createManyUsers({ limits: { planned: 0, unplanned: 0 } });
    await endTogether(world, 1);
    await world.dependencies.control.stop();
    await world.deliver(start + 5 * minute);
    expect(await heldOf(world, 1)).toEqual([{ threshold: undefined, heldBy: "stopped" }]);
    await (await world.dependencies.control.prepareLift())();
    await world.deliver(start + 10 * minute);
    expect(await heldOf(world, 1)).toEqual([{ threshold: "held", heldBy: "threshold" }]);
    await world.dependencies.control.stop();
    await world.deliver(start + 30 * minute);
    await (await world.dependencies.control.prepareLift())();
    await world.deliver(start + 60 * minute);
    expect(await heldOf(world, 1)).toEqual([{ threshold: "held", heldBy: "threshold" }]);
    expect(world.revoked).toEqual([]);
  });

  test("an admitted user stays admitted, even when others fill the limit before the call succeeds", async () => {
    const world = createManyUsers({ limits: { planned: 1, unplanned: 0 } });
    const refusals = [20 * minute];
    world.beforeRevoke(async () => {
      const retryAfter = refusals.shift();
      if (retryAfter === undefined) return;
      throw new GraphRetryableError("wait", { code: "ServiceUnavailable", reason: "unavailable", retryAfter });
    });
    await endTogether(world, 1);
    await world.deliver(start + 15 * minute);
    expect(world.revoked).toEqual([]);
    world.showOf(2, activationOf(2, { endDateTime: iso(start + 16 * minute) }));
    await world.pass(2);
    world.shown.atTime = (now) => {
      if (now > start + 16 * minute + 1000) world.showOf(2);
    };
    await world.deliver(start + 20 * minute);
    expect(world.revoked).toEqual([userId(2)]);
    await world.deliver(start + 25 * minute);
    expect(world.revoked).toEqual([userId(2), userId(1)]);
  });

  test("a user who is held for one end is revoked for another that is admitted, once for both", async () => {
    const world = createManyUsers({ limits: { planned: 1, unplanned: 0 } });
    const early = activationOf(2);
    const late = activationOf(2, { endDateTime: iso(start + hour), roleDefinitionId: "late" }, 2);
    world.showOf(1, activationOf(1));
    await world.pass(1);
    world.showOf(2, early, late);
    await world.pass(2);
    world.shown.atTime = (now) => {
      world.showOf(1, ...(now < removedAt ? [activationOf(1)] : []));
      world.showOf(2, ...(now < removedAt + minute ? [early] : []), ...(now < start + hour ? [late] : []));
    };
    await world.deliver(start + 30 * minute);
    expect(world.revoked).toEqual([userId(1)]);
    await world.deliver(start + 2 * hour);
    expect(world.revoked).toEqual([userId(1), userId(2)]);
    expect(await heldOf(world, 2)).toMatchObject([{ heldBy: "closed" }, { heldBy: "closed" }]);
  });
});

describe("corroboration by the audit log", () => {
  test("lets each end go that it shows, as soon as it does", async () => {
    const shownAt = start + 5 * minute;
    let now = () => start;
    const corroborates: Corroborates = async (_, principalId) => principalId === userId(2) && now() >= shownAt;
    const world = createManyUsers({ limits: { planned: 0, unplanned: 0 }, corroborates });
    now = world.clock.now;
    await endTogether(world, 3);
    await world.deliver(shownAt);
    expect(world.revoked).toEqual([]);
    await world.deliver(shownAt + 5 * minute);
    expect(world.revoked).toEqual([userId(2)]);
    expect(await heldOf(world, 2)).toEqual([{ threshold: "corroborated", heldBy: "closed" }]);
    expect(await heldOf(world, 3)).toEqual([{ threshold: "held", heldBy: "threshold" }]);
  });

  test("takes time: the user is read again before the revoke", async () => {
    const again = activationOf(1, { startDateTime: iso(start + 61_500), endDateTime: iso(start + 10 * hour) }, 2);
    let activate = () => {};
    const corroborates: Corroborates = async () => {
      activate();
      return true;
    };
    const world = createManyUsers({ limits: { planned: 0, unplanned: 0 }, corroborates });
    activate = () => world.showOf(1, again);
    await endTogether(world, 1);
    await world.deliver(start + 10 * minute);
    expect(world.revoked).toEqual([]);
    expect(world.outcomes()).toEqual(["stillHeld"]);
  });

  test("is asked less and less often while nothing is shown", async () => {
    let asked = 0;
    const corroborates: Corroborates = async () => {
      asked += 1;
      return false;
    };
    const world = createManyUsers({ limits: { planned: 0, unplanned: 0 }, corroborates });
    await endTogether(world, 1);
    await world.deliver(start + 2 * hour);
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(20);
  });
});
