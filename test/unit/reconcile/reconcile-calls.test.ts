import { describe, expect, test } from "vitest";
import { GraphPermanentError, GraphRetryableError, GraphUncertainError } from "../../../shared/graph/errors.ts";
import type { FakeWorld } from "../../fixtures/fake-world.ts";
import { createEndedWorld, play } from "../../fixtures/play.ts";
import { at, aUser } from "../../fixtures/principal-builders.ts";

/** From now on every revoke fails with this, applied or not; the times of the calls are kept. */
function refuse(world: FakeWorld, error: Error, apply = false): { calls: number[]; mend: () => unknown } {
  const works = world.shown.revoke;
  const calls: number[] = [];
  world.shown.revoke = async (userId) => {
    calls.push(world.clock.now());
    if (apply) await works(userId);
    throw error;
  };
  return { calls, mend: () => Object.assign(world.shown, { revoke: works }) };
}

const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0));
const unavailable = new GraphRetryableError("503", { code: "serviceNotAvailable", status: 503, reason: "unavailable" });
const throttled = new GraphRetryableError("429", {
  code: "TooManyRequests",
  status: 429,
  reason: "throttled",
  retryAfter: 120_000,
});
const denied = new GraphPermanentError("403", { code: "Authorization_RequestDenied", status: 403, requestId: "r" });
const unknownUser = new GraphPermanentError("404", { code: "Request_ResourceNotFound", status: 404 });
const lost = new GraphUncertainError("no answer", { code: "timeout" });

test("429: the whole tenant waits for as long as Graph asks, across invocations", async () => {
  const world = await createEndedWorld();
  const { calls, mend } = refuse(world, throttled);
  world.when(at(63), mend);
  await play(world, 3600);
  expect(calls).toEqual([at(62)]);
  expect(world.shown.revokedAt[0]).toBeGreaterThanOrEqual(at(62 + 120));
  expect(world.shown.revokedAt[0]).toBeLessThan(at(62 + 125));
  expect((await world.dependencies.control.read()).throttledUntil).toBeGreaterThanOrEqual(at(62 + 119));
  expect(world.outcomes()).toEqual(["revoked"]);
});

test("503: tried again a second later, never at once", async () => {
  const world = await createEndedWorld();
  const { calls, mend } = refuse(world, unavailable);
  world.when(at(70), mend);
  await play(world, 3600);
  expect(Math.min(...gaps(calls))).toBeGreaterThanOrEqual(1000);
  expect(world.outcomes()).toEqual(["revoked"]);
});

describe("403", () => {
  test("is raised with every try, a minute apart, until an administrator grants the permission", async () => {
    const world = await createEndedWorld();
    const { calls, mend } = refuse(world, denied);
    world.when(at(600), mend);
    await play(world, 3600);
    expect(Math.min(...gaps(calls))).toBeGreaterThanOrEqual(60_000);
    const alarms = world.recorded.filter(({ name }) => name === "revokeRefused");
    expect(alarms).toHaveLength(calls.length);
    expect(alarms[0]?.properties).toMatchObject({ code: "Authorization_RequestDenied", status: 403, requestId: "r" });
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test("for as long as tokens live is a failure with Graph's code", async () => {
    const world = await createEndedWorld();
    refuse(world, denied);
    await play(world, 29 * 3600);
    expect(world.outcomes()).toEqual(["failed"]);
    const [outcome] = world.recorded.filter(({ name }) => name === "outcome");
    expect(outcome?.properties.detail).toBe("Authorization_RequestDenied");
  });
});

describe("404", () => {
  test("while the read still shows the user is tried again a minute later, not at once", async () => {
    const world = await createEndedWorld();
    const { calls, mend } = refuse(world, unknownUser);
    world.when(at(200), mend);
    await play(world, 3600);
    expect(Math.min(...gaps(calls))).toBeGreaterThanOrEqual(60_000);
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test("and then not found by a read a minute later: the principal is gone", async () => {
    const world = await createEndedWorld();
    const { calls } = refuse(world, unknownUser);
    world.showFrom(at(63), { user: null });
    await play(world, 3600);
    expect(calls).toHaveLength(1);
    expect(world.outcomes()).toEqual(["principalGone"]);
  });
});

describe("a call whose answer was lost", () => {
  test("but which was applied is found by the read-back and not repeated", async () => {
    const world = await createEndedWorld();
    const { calls } = refuse(world, lost, true);
    await play(world, 3600);
    expect(calls).toHaveLength(1);
    expect(world.outcomes()).toEqual(["revoked"]);
    const [outcome] = world.recorded.filter(({ name }) => name === "outcome");
    expect(outcome?.properties).toMatchObject({ verified: true, acceptedAt: null });
  });

  test("and shows only after ten seconds is not repeated either", async () => {
    const world = await createEndedWorld();
    const { calls } = refuse(world, lost);
    world.showFrom(at(72), { user: aUser({ sessionsValidFrom: at(62) }) });
    await play(world, 3600);
    expect(calls).toHaveLength(1);
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test("and was not applied is repeated after more than fifteen seconds of read-backs", async () => {
    const world = await createEndedWorld();
    const { calls, mend } = refuse(world, lost);
    world.when(at(63), mend);
    await play(world, 3600);
    expect(calls).toEqual([at(62)]);
    expect(world.shown.revokedAt).toHaveLength(1);
    expect(world.shown.revokedAt[0]).toBeGreaterThanOrEqual(at(62 + 15));
    expect(world.shown.revokedAt[0]).toBeLessThan(at(62 + 25));
    expect(world.outcomes()).toEqual(["revoked"]);
  });
});

describe("an accepted call", () => {
  const acceptedUnseen = async () => {
    const world = await createEndedWorld();
    world.shown.revoke = async () => void world.shown.revokedAt.push(world.clock.now());
    return world;
  };

  test("is verified when the read-back shows it, minutes later", async () => {
    const world = await acceptedUnseen();
    world.showFrom(at(250), { user: aUser({ sessionsValidFrom: at(62) }) });
    await play(world, 3600);
    expect(world.shown.revokedAt).toHaveLength(1);
    const [outcome] = world.recorded.filter(({ name }) => name === "outcome");
    expect(outcome?.properties).toMatchObject({
      outcome: "revoked",
      verified: true,
      acceptedAt: new Date(at(62)).toISOString(),
    });
  });

  test("that nothing ever shows is closed as unverified after five minutes, and never repeated", async () => {
    const world = await acceptedUnseen();
    await play(world, 3600);
    expect(world.shown.revokedAt).toHaveLength(1);
    const [outcome] = world.recorded.filter(({ name }) => name === "outcome");
    expect(outcome?.properties).toMatchObject({ outcome: "revoked", verified: false });
    expect(world.queue.peekAll()).toEqual([]);
  });
});
