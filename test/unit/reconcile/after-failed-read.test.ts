import { describe, expect, test } from "vitest";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { deliver } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, enforceAll, jane } from "../../fixtures/fake-world.ts";
import { createEndedWorld, play, resynced } from "../../fixtures/play.ts";
import { at } from "../../fixtures/principal-builders.ts";

const unavailable = new GraphRetryableError("503", { code: "serviceNotAvailable", status: 503, reason: "unavailable" });
const throttled = (retryAfter: number) =>
  new GraphRetryableError("429", { code: "TooManyRequests", status: 429, reason: "throttled", retryAfter });
const denied = new GraphPermanentError("403", { code: "Authorization_RequestDenied", status: 403 });

/** Jane's role has ended, and Graph cannot be read. */
async function createUnreadWorld(readError: Error, over: Parameters<typeof createEndedWorld>[0] = {}) {
  const world = await createEndedWorld(over);
  world.dependencies.graphClock.observe({ value: null, date: at(62), at: at(62) });
  world.shown.readError = readError;
  return world;
}

describe("a failed read", () => {
  test("proves no end, and is tried again, later each time", async () => {
    const world = await createUnreadWorld(unavailable);
    await play(world, 300);
    expect(world.shown.revokedAt).toEqual([]);
    expect(world.outcomes()).toEqual([]);
    const tries = world.recordedNames().filter((name) => name === "readFailed").length;
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(20);
  });

  test("that passes delays the revoke and changes nothing else", async () => {
    const world = await createUnreadWorld(unavailable);
    world.showFrom(at(90), { readError: undefined });
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(world.shown.revokedAt).toHaveLength(1);
    expect((await loadPrincipal(world.principals, jane)).state.head.unreadable).toBeNull();
  });

  test("that Graph throttles is tried again when Graph says, by a message", async () => {
    const world = await createUnreadWorld(throttled(90_000));
    await reconcile(resynced, world.dependencies);
    expect(world.queue.peekAll()).toMatchObject([{ visibleAt: at(152), content: { tries: 1 } }]);
  });

  test("that Graph refuses is raised and tried again every minute", async () => {
    const world = await createUnreadWorld(denied);
    await reconcile(resynced, world.dependencies);
    expect(world.recorded).toMatchObject([
      { name: "readRefused", properties: { principalId: jane, code: "Authorization_RequestDenied", status: 403 } },
    ]);
    expect(world.queue.peekAll()).toMatchObject([{ visibleAt: at(122) }]);
  });

  test("of a principal never seen leaves a wake-up behind, and nothing to end", async () => {
    const world = createFakeWorld();
    world.shown.readError = unavailable;
    world.show(activation());
    world.showFrom(at(30), { readError: undefined });
    world.when(at(61), () => world.show());
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test("of the groups after the principal's counts the same: no end is judged without them", async () => {
    const world = await createEndedWorld();
    const broken = { ...world.dependencies.graph, readGroupPaths: () => Promise.reject(unavailable) };
    await reconcile(resynced, { ...world.dependencies, graph: broken });
    expect(world.shown.revokedAt).toEqual([]);
    await deliver(world, at(3600));
    expect(world.outcomes()).toEqual(["revoked"]);
  });
});

describe("unreadable for five minutes after a known end", () => {
  test("is raised once, and held: Graph, which must take the call, does not answer", async () => {
    const world = await createUnreadWorld(unavailable);
    await play(world, 1200);
    expect(world.recordedNames().filter((name) => name === "unreadable")).toHaveLength(1);
    expect(world.shown.revokedAt).toEqual([]);
    world.shown.readError = undefined;
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test.each(["setting", "operator"])("is raised while a stop by %s keeps everything", async (by) => {
    const world = await createUnreadWorld(unavailable, { policy: { ...enforceAll, stopped: by === "setting" } });
    if (by === "operator") await world.dependencies.control.stop();
    await play(world, 1200);
    expect(world.recordedNames()).toContain("unreadable");
    expect(world.shown.revokedAt).toEqual([]);
    expect(world.outcomes()).toEqual([]);
  });

  test.each([
    { why: "throttled", error: throttled(20_000) },
    { why: "not permitted", error: denied },
  ])("is not what being $why is", async ({ error }) => {
    const world = await createUnreadWorld(error);
    await play(world, 1200);
    expect(world.recordedNames()).not.toContain("unreadable");
    expect(world.shown.revokedAt).toEqual([]);
  });

  test("is not, when the app did not run in between", async () => {
    const world = await createUnreadWorld(unavailable);
    await reconcile(resynced, world.dependencies);
    world.goTo(at(600));
    await reconcile(resynced, world.dependencies);
    expect(world.recordedNames()).not.toContain("unreadable");
    expect(world.shown.revokedAt).toEqual([]);
  });

  test("and still held when Graph can be read again: nothing is lost before it is gone", async () => {
    const world = await createUnreadWorld(unavailable);
    await play(world, 600);
    world.show(activation());
    world.shown.readError = undefined;
    await play(world, 700);
    expect(world.outcomes()).toEqual([]);
    world.show();
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(world.shown.revokedAt[0]).toBeGreaterThanOrEqual(at(700));
  });
});
