import { beforeEach, expect, test } from "vitest";
import { createMemoryQueue, type MemoryQueue } from "../../../shared/storage/memory-queue.ts";
import { StorageConflictError } from "../../../shared/storage/storage-errors.ts";

let time: number;
let queue: MemoryQueue;

beforeEach(() => {
  time = 1_000_000;
  queue = createMemoryQueue({ now: () => time });
});

test("a delay rounds up to whole seconds", async () => {
  await queue.send("a", 1);
  expect(queue.nextVisibleAt()).toBe(1_001_000);
  time = 1_000_999;
  expect(queue.receive(32, 1)).toEqual([]);
  time = 1_001_000;
  expect(queue.receive(32, 1)).toHaveLength(1);
});

test("messages come in the order in which they become visible, then in that of sending", async () => {
  await queue.send("third", 2000);
  await queue.send("first", 0);
  await queue.send("fourth", 2000);
  await queue.send("second", 1000);
  expect(queue.peekAll().map(({ content }) => content)).toEqual(["first", "second", "third", "fourth"]);
  time += 5000;
  expect(queue.receive(3, 60_000).map(({ content }) => content)).toEqual(["first", "second", "third"]);
});

test("a received message hides and is counted, peeking changes nothing", async () => {
  await queue.send("a", 0);
  expect(queue.peekAll()).toMatchObject([{ content: "a", dequeueCount: 0, insertedAt: 1_000_000 }]);
  queue.receive(1, 30_000);
  expect(queue.nextVisibleAt()).toBe(1_030_000);
  expect(queue.peekAll()).toMatchObject([{ dequeueCount: 1, visibleAt: 1_030_000 }]);
});

test("an empty queue has no next message", async () => {
  expect(queue.nextVisibleAt()).toBeUndefined();
  await queue.send("a", 0);
  queue.purge();
  expect(queue.nextVisibleAt()).toBeUndefined();
  expect(queue.peekAll()).toEqual([]);
});

test("nobody can delete a message that was never received", async () => {
  await queue.send("a", 0);
  const [message] = queue.peekAll();
  expect(() => queue.delete(message ?? { id: "", popReceipt: "" })).toThrow(StorageConflictError);
});
