import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import type { Signal } from "../../../shared/reconcile/messages.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { awaitedEnd } from "../../../shared/reconcile/wake-up.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { aroundCommits, Crash, deliver, signalOf } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aHolding, aSource, aState, at, isoAt, oneUnit } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const timer: Signal = { principalId: jane, because: "timer", tries: 0 };
const removedAt = at(61.4);

/** Four seconds before the end of Jane's role, which PIM removes 0.9 s after it. */
async function beforeTheEnd(holdings = [aHolding()], rows = [activation()]): Promise<FakeWorld> {
  const world = createFakeWorld();
  await storePrincipal(world.principals, aState({ holdings }));
  world.show(...rows);
  world.goTo(at(56.5));
  world.when(removedAt, () => world.show());
  return world;
}

/** The world with every standby message that is sent counted: when it becomes visible. */
function counting(world: FakeWorld, dependencies = world.dependencies) {
  const standbys: number[] = [];
  const { signals, clock } = dependencies;
  const send: typeof signals.send = (message, delay) => {
    if (isStandby(message)) standbys.push(clock.now() + Math.ceil(delay / 1000) * 1000);
    return signals.send(message, delay);
  };
  return { standbys, dependencies: { ...dependencies, signals: { send } } };
}

const isStandby = (message: unknown) => typeof message === "object" && message !== null && "standby" in message;

/** The host dies in the wait number `wait`. */
function dyingIn({ dependencies, clock }: FakeWorld, wait: number) {
  let waits = 0;
  const sleep = async (ms: number) => {
    waits += 1;
    if (waits === wait) throw new Crash("the host is gone");
    await clock.sleep(ms);
  };
  return { ...dependencies, clock: { ...clock, sleep } };
}

describe("a host that dies while it waits inside its invocation", () => {
  test.each([1, 2, 4])("is replaced in time: wait %i", async (wait) => {
    const world = await beforeTheEnd();
    await expect(reconcile(timer, dyingIn(world, wait))).rejects.toThrow(Crash);
    await deliver(world, at(3600));
    expect(world.shown.revokedAt).toHaveLength(1);
    expect(world.outcomes()).toEqual(["revoked"]);
    const delay = (world.shown.revokedAt[0] ?? 0) - removedAt;
    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThanOrEqual(500);
  });
});

test("nobody dies: one message, about the end, which then finds nothing to do", async () => {
  const world = await beforeTheEnd();
  const { standbys, dependencies } = counting(world);
  await reconcile(timer, dependencies);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(standbys).toHaveLength(1);
  expect(standbys[0]).toBeGreaterThan(at(60.5 - 1.5));
  expect(standbys[0]).toBeLessThan(at(60.5 + 0.5));
  await deliver(world, at(3600), dependencies);
  expect(standbys).toHaveLength(1);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(world.queue.peekAll()).toEqual([]);
});

test("a role that is overdue for long has had its one", async () => {
  const world = await beforeTheEnd();
  world.when(removedAt, () => world.show(activation()));
  world.when(at(660), () => world.show());
  const { standbys, dependencies } = counting(world);
  await reconcile(timer, dependencies);
  await deliver(world, at(600), dependencies);
  expect(standbys).toHaveLength(1);
  expect(world.queue.peekAll()).toHaveLength(1);
  await deliver(world, at(3600), dependencies);
  expect(world.shown.revokedAt).toHaveLength(1);
});

test("another host that makes the same pass makes no second call", async () => {
  const world = await beforeTheEnd();
  const { dependencies, clock } = world;
  let waits = 0;
  const sleep = async (ms: number) => {
    waits += 1;
    await clock.sleep(ms);
    // In the first wait after the end the other host is quicker: it sees the removal first, and this one finds it done.
    if (waits === 2) await reconcile({ ...timer, standby: at(60.5) }, { ...dependencies, waiting: new Set() });
  };
  await reconcile(timer, { ...dependencies, clock: { ...clock, sleep } });
  await deliver(world, at(3600));
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.outcomes()).toEqual(["revoked"]);
});

test("one that comes to the process that waits goes back, without a pass, until shortly after the end", async () => {
  const world = await beforeTheEnd();
  world.when(removedAt, () => world.show(activation()));
  let reads = 0;
  const { graph, clock } = world.dependencies;
  const readPrincipal: typeof graph.readPrincipal = (...args) => {
    reads += 1;
    return graph.readPrincipal(...args);
  };
  const { standbys, dependencies } = counting(world, { ...world.dependencies, graph: { ...graph, readPrincipal } });
  const process = {
    ...dependencies,
    clock: {
      ...clock,
      async sleep(ms: number) {
        await clock.sleep(ms);
        const before = reads;
        for (const message of world.queue.receive(16, 600_000)) {
          await reconcile(signalOf(message.content), process);
          world.queue.delete(message);
        }
        expect(reads).toBe(before);
      },
    },
  };
  await reconcile(timer, process);
  expect(standbys.length).toBeGreaterThan(2);
  expect(standbys.length).toBeLessThan(8);
  expect(world.queue.peekAll().filter(({ content }) => isStandby(content))).toEqual([]);
  expect(process.waiting).toEqual(new Set());
});

test("a pass in between does not take back that an instance waits", async () => {
  const world = await beforeTheEnd();
  const { dependencies } = world;
  let passes = 0;
  const process = {
    ...dependencies,
    clock: {
      ...dependencies.clock,
      async sleep(ms: number) {
        if (passes === 0) {
          passes += 1;
          await reconcile({ ...timer, because: "resync" }, process, true);
          expect(process.waiting).toEqual(new Set([jane]));
        }
        await dependencies.clock.sleep(ms);
      },
    },
  };
  await reconcile(timer, process);
  expect(passes).toBe(1);
  expect(world.shown.revokedAt).toHaveLength(1);
});

test("a standby message has none of its own, even where nobody noted that it was sent", async () => {
  const world = await beforeTheEnd();
  const { standbys, dependencies } = counting(world);
  await reconcile({ ...timer, standby: at(60.5) }, dependencies);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(standbys).toEqual([]);
});

test("a pass that starts over because another instance committed first does not send it again", async () => {
  const world = await beforeTheEnd();
  let conflicts = 0;
  const racing = aroundCommits(world, async (commit) => {
    conflicts += 1;
    if (conflicts <= 3) throw new StorageConflictError("another instance committed first");
    return commit();
  });
  const { standbys, dependencies } = counting(world, racing);
  await reconcile(timer, dependencies);
  expect(conflicts).toBeGreaterThan(3);
  expect(standbys).toHaveLength(1);
  expect((await loadPrincipal(world.principals, jane)).state.head.standbyFor).toBe(at(60.5));
});

test("each of two ends has one, and an end that was moved has another", async () => {
  const unit = { ...oneUnit, roleAssignmentScheduleId: "22222222-0000-4000-8000-000000000002" };
  const rows = [activation(), activation({ ...unit, endDateTime: isoAt(62.5) })];
  const world = await beforeTheEnd([], rows);
  world.when(removedAt, () => world.show(activation({ ...unit, endDateTime: isoAt(90) })));
  world.when(at(91), () => world.show());
  const { standbys, dependencies } = counting(world);
  await reconcile(timer, dependencies);
  await deliver(world, at(3600), dependencies);
  expect(standbys).toHaveLength(3);
  expect(world.outcomes()).toEqual(["revoked", "revoked"]);
});

test("without the queue the wait goes on; a mistake of ours is not swallowed", async () => {
  const world = await beforeTheEnd();
  const failing = (error: Error) => ({
    ...world.dependencies,
    signals: {
      send: async (message: unknown, delay: number) => {
        if (isStandby(message)) throw error;
        await world.dependencies.signals.send(message, delay);
      },
    },
  });
  await expect(reconcile(timer, failing(new TypeError("oops")))).rejects.toThrow(TypeError);
  await reconcile(timer, failing(new StorageUnavailableError("away")));
  expect(world.recordedNames()).toContain("storageUnavailable");
  expect(world.shown.revokedAt).toHaveLength(1);
});

describe("awaited is", () => {
  const ending = (listedEnd: string | null, standbyFor?: number) =>
    aState({
      holdings: [aHolding({ sources: [aSource({ end: listedEnd, listedEnd })] })],
      head: standbyFor === undefined ? {} : { standbyFor },
    });

  test.each([
    { name: "an end within seconds", state: ending(isoAt(60.5)), date: 55, end: at(60.5) },
    { name: "none that is a message away", state: ending(isoAt(60.5)), date: 54, end: null },
    { name: "none that has come", state: ending(isoAt(60)), date: 60, end: null },
    { name: "none that has a standby message", state: ending(isoAt(60.5), at(60.5)), date: 57, end: null },
    { name: "one that is later than the last", state: ending(isoAt(60.5), at(60)), date: 57, end: at(60.5) },
    { name: "no unknown end", state: ending(null), date: 55, end: null },
  ])("$name", ({ state, date, end }) => {
    expect(awaitedEnd(state, at(date), defaultTimings)).toBe(end);
  });
});
