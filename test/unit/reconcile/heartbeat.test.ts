import { expect, test } from "vitest";
import { PulseError, revivePulse, takePulse } from "../../../shared/reconcile/heartbeat.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { createMemoryQueue, createMemoryTable } from "../../fixtures/memory-storage.ts";
import { at } from "../../fixtures/principal-builders.ts";

function createPulse() {
  let now = at(0);
  let ids = 0;
  const pulses = createMemoryQueue({ now: () => now });
  const state = createMemoryTable({ now: () => now });
  const newId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  return {
    dependencies: { state, pulses, newId, resyncEvery: 10_000 },
    goTo: (seconds: number) => {
      now = at(seconds);
    },
    pulses,
    state,
    /** The next visible message, taken off the queue. */
    take: () => {
      const [message] = pulses.receive(1, 30_000);
      if (message !== undefined) pulses.delete(message);
      return message?.content;
    },
  };
}

test("the chain begins once and goes on by itself, an interval at a time", async () => {
  const { dependencies, pulses, take, goTo } = createPulse();
  expect(await revivePulse(dependencies)).toBe(true);
  expect(await revivePulse(dependencies)).toBe(false);
  expect(await takePulse(take(), dependencies)).toBe(true);
  expect(pulses.nextVisibleAt()).toBe(at(10));
  goTo(10);
  expect(await takePulse(take(), dependencies)).toBe(true);
  expect(pulses.nextVisibleAt()).toBe(at(20));
});

test("a pulse delivered twice moves the chain once", async () => {
  const { dependencies, take, pulses } = createPulse();
  await revivePulse(dependencies);
  const message = take();
  expect(await takePulse(message, dependencies)).toBe(true);
  expect(await takePulse(message, dependencies)).toBe(false);
  expect(pulses.peekAll()).toHaveLength(1);
});

test("a chain that has not moved for three intervals is started anew, and its left-over no longer counts", async () => {
  const { dependencies, take, goTo } = createPulse();
  await revivePulse(dependencies);
  const lost = take();
  goTo(30);
  expect(await revivePulse(dependencies)).toBe(false);
  goTo(31);
  expect(await revivePulse(dependencies)).toBe(true);
  expect(await takePulse(lost, dependencies)).toBe(false);
  expect(await takePulse(take(), dependencies)).toBe(true);
});

test("a pulse before any chain is nobody's", async () => {
  const { dependencies } = createPulse();
  expect(await takePulse({ v: 1, token: "old" }, dependencies)).toBe(false);
});

test("of two who start it, the first wins", async () => {
  const { dependencies, pulses, state } = createPulse();
  const racing = {
    ...dependencies,
    state: {
      ...state,
      commit: async () => {
        throw new StorageConflictError("somebody else was first");
      },
    },
  };
  expect(await revivePulse(racing)).toBe(false);
  expect(pulses.peekAll()).toEqual([]);
});

test("storage that does not answer is told", async () => {
  const { dependencies, state } = createPulse();
  const broken = {
    ...dependencies,
    state: { ...state, commit: () => Promise.reject(new StorageUnavailableError("away")) },
  };
  await expect(revivePulse(broken)).rejects.toThrow(StorageUnavailableError);
});

test.each([undefined, "pulse", { v: 2, token: "id-1" }, { v: 1 }])(
  "a message that is no pulse is refused: %o",
  async (message) => {
    await expect(takePulse(message, createPulse().dependencies)).rejects.toThrow(PulseError);
  },
);
