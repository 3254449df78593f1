import { expect, test } from "vitest";
import { HeartbeatError, reviveHeartbeat, takeHeartbeat } from "../../../shared/reconcile/wake-up.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { createMemoryQueue, createMemoryTable } from "../../fixtures/memory-storage.ts";
import { at } from "../../fixtures/principal-builders.ts";

function createHeartbeat() {
  let now = at(0);
  let ids = 0;
  const heartbeats = createMemoryQueue({ now: () => now });
  const state = createMemoryTable({ now: () => now });
  const newId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  return {
    dependencies: { state, heartbeats, newId, resyncEvery: 10_000 },
    goTo: (seconds: number) => {
      now = at(seconds);
    },
    heartbeats,
    state,
    /** The next visible message, taken off the queue. */
    take: () => {
      const [message] = heartbeats.receive(1, 30_000);
      if (message !== undefined) heartbeats.delete(message);
      return message?.content;
    },
  };
}

test("the chain begins once and goes on by itself, an interval at a time", async () => {
  const { dependencies, heartbeats, take, goTo } = createHeartbeat();
  expect(await reviveHeartbeat(dependencies)).toBe(true);
  expect(await reviveHeartbeat(dependencies)).toBe(false);
  expect(await takeHeartbeat(take(), dependencies)).toBe(true);
  expect(heartbeats.nextVisibleAt()).toBe(at(10));
  goTo(10);
  expect(await takeHeartbeat(take(), dependencies)).toBe(true);
  expect(heartbeats.nextVisibleAt()).toBe(at(20));
});

test("a heartbeat delivered twice moves the chain once", async () => {
  const { dependencies, take, heartbeats } = createHeartbeat();
  await reviveHeartbeat(dependencies);
  const message = take();
  expect(await takeHeartbeat(message, dependencies)).toBe(true);
  expect(await takeHeartbeat(message, dependencies)).toBe(false);
  expect(heartbeats.peekAll()).toHaveLength(1);
});

test("a chain that has not moved for three intervals is started anew, and its left-over no longer counts", async () => {
  const { dependencies, take, goTo } = createHeartbeat();
  await reviveHeartbeat(dependencies);
  const lost = take();
  goTo(30);
  expect(await reviveHeartbeat(dependencies)).toBe(false);
  goTo(31);
  expect(await reviveHeartbeat(dependencies)).toBe(true);
  expect(await takeHeartbeat(lost, dependencies)).toBe(false);
  expect(await takeHeartbeat(take(), dependencies)).toBe(true);
});

test("a heartbeat before any chain is nobody's", async () => {
  const { dependencies } = createHeartbeat();
  expect(await takeHeartbeat({ v: 1, token: "old" }, dependencies)).toBe(false);
});

test("of two instances that start it, the first wins", async () => {
  const { dependencies, heartbeats, state } = createHeartbeat();
  const racing = {
    ...dependencies,
    state: {
      ...state,
      commit: async () => {
        throw new StorageConflictError("another instance was first");
      },
    },
  };
  expect(await reviveHeartbeat(racing)).toBe(false);
  expect(heartbeats.peekAll()).toEqual([]);
});

test("storage that does not answer is reported", async () => {
  const { dependencies, state } = createHeartbeat();
  const broken = {
    ...dependencies,
    state: { ...state, commit: () => Promise.reject(new StorageUnavailableError("away")) },
  };
  await expect(reviveHeartbeat(broken)).rejects.toThrow(StorageUnavailableError);
});

test.each([undefined, "heartbeat", { v: 2, token: "id-1" }, { v: 1 }])(
  "a message that is no heartbeat is refused: %o",
  async (message) => {
    await expect(takeHeartbeat(message, createHeartbeat().dependencies)).rejects.toThrow(HeartbeatError);
  },
);
