import { describe, expect, test } from "vitest";
import { attend } from "../../../shared/assignments/attend.ts";
import { sendBackup } from "../../../shared/assignments/send-backup.ts";
import { StorageUnavailableError } from "../../../shared/storage/storage-errors.ts";
import { Crash, deliver } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aState, at, aWatch } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

const timer = { principalId: jane, because: "timer", tries: 0 } as const;
const removedAt = at(61.4);

/** Four seconds before the end of Jane's role, which PIM removes 0.9 s after it. */
async function beforeTheEnd(): Promise<FakeWorld> {
  const world = createFakeWorld();
  await storePrincipal(world.principals, aState({ watches: [aWatch()] }));
  world.show(activation());
  world.goTo(at(56.5));
  world.when(removedAt, () => world.show());
  return world;
}

const isBackup = ({ content }: { readonly content: unknown }) =>
  typeof content === "object" && content !== null && "because" in content && content.because === "backup";
const backups = (world: FakeWorld) => world.queue.peekAll().filter(isBackup);

/** The host dies in the wait number `wait`. */
const dyingIn = (world: FakeWorld, wait: number) => {
  let waits = 0;
  const sleep = async (ms: number) => {
    waits += 1;
    if (waits === wait) throw new Crash("the host is gone");
    await world.clock.sleep(ms);
  };
  return { ...world.dependencies, clock: { ...world.clock, sleep } };
};

describe("a host that dies while it waits inside its invocation", () => {
  test.each([1, 2, 4])("is replaced when the wait is over: wait %i", async (wait) => {
    const world = await beforeTheEnd();
    await expect(attend(timer, dyingIn(world, wait))).rejects.toThrow(Crash);
    await deliver(world, at(3600));
    expect(world.shown.revokedAt).toHaveLength(1);
    expect(world.outcomes()).toEqual(["revoked"]);
    const delay = (world.shown.revokedAt[0] ?? 0) - removedAt;
    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThanOrEqual(1000);
  });
});

test("nobody dies: one message for the whole wait, which then finds nothing to do", async () => {
  const world = await beforeTheEnd();
  await attend(timer, world.dependencies);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(backups(world)).toHaveLength(1);
  await deliver(world, at(3600));
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(world.queue.peekAll()).toEqual([]);
});

test("a backup has none of its own", async () => {
  const world = await beforeTheEnd();
  await attend({ ...timer, because: "backup" }, world.dependencies);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(backups(world)).toEqual([]);
});

test("one that reaches the process that waits goes back into the queue, without a look", async () => {
  const world = await beforeTheEnd();
  let reads = 0;
  const { graph, clock } = world.dependencies;
  const readPrincipal: typeof graph.readPrincipal = (...args) => {
    reads += 1;
    return graph.readPrincipal(...args);
  };
  const process = {
    ...world.dependencies,
    graph: { ...graph, readPrincipal },
    clock: {
      ...clock,
      async sleep(ms: number) {
        const before = reads;
        await attend({ ...timer, because: "backup" }, process);
        expect(reads).toBe(before);
        await clock.sleep(ms);
      },
    },
  };
  await attend(timer, process);
  expect(backups(world).length).toBeGreaterThan(1);
  expect(process.waiting).toEqual(new Set());
  await attend({ ...timer, because: "backup" }, process);
  expect(reads).toBeGreaterThan(0);
  expect(world.shown.revokedAt).toHaveLength(1);
});

test("another host that looks along makes no second call", async () => {
  const world = await beforeTheEnd();
  const { dependencies, clock } = world;
  let waits = 0;
  const sleep = async (ms: number) => {
    waits += 1;
    await clock.sleep(ms);
    // In the first wait after the end the other host is quicker: it sees the removal first, and this one finds it done.
    if (waits === 2) await attend({ ...timer, because: "backup" }, { ...dependencies, waiting: new Set() });
  };
  await attend(timer, { ...dependencies, clock: { ...clock, sleep } });
  await deliver(world, at(3600));
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.outcomes()).toEqual(["revoked"]);
});

test("a wait for anything but a known end has none: the resync sees to it in time", async () => {
  const world = createFakeWorld();
  await storePrincipal(world.principals, aState({ watches: [aWatch({ end: null, listedEnd: null })] }));
  world.goTo(at(400));
  await deliver(world, at(400));
  await attend({ ...timer, because: "resync" }, world.dependencies);
  await deliver(world, at(406.5));
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(backups(world)).toEqual([]);
});

test("it becomes visible when the wait is over", async () => {
  const world = createFakeWorld();
  await sendBackup(timer, 3000, world.dependencies);
  expect(world.queue.nextVisibleAt()).toBe(at(3));
});

test("without storage the wait goes on; a mistake of ours is not swallowed", async () => {
  const world = createFakeWorld();
  const failing = (error: Error) => ({ ...world.dependencies, signals: { send: () => Promise.reject(error) } });
  await sendBackup(timer, 3000, failing(new StorageUnavailableError("away")));
  expect(world.namesTold()).toEqual(["storageUnavailable"]);
  await expect(sendBackup(timer, 3000, failing(new TypeError("oops")))).rejects.toThrow(TypeError);
});
