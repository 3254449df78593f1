import { expect, test } from "vitest";
import { createSignalWriter } from "../../../shared/reconcile/messages.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";

function createWorld(fails = false) {
  const sent: unknown[] = [];
  const sleeps: (() => void)[] = [];
  const queue = {
    send: async (message: unknown) => {
      if (fails) throw new StorageUnavailableError("Away.");
      sent.push(message);
    },
  };
  const sleep = () => new Promise<void>((resolve) => sleeps.push(resolve));
  const write = createSignalWriter(queue, { sleep });
  return { sent, write, tick: () => sleeps.shift()?.() };
}

test("what comes while it gathers is written once, and all wait for that", async () => {
  const { sent, write, tick } = createWorld();
  const done: string[] = [];
  const first = write([{ key: "a", message: 1 }]).then(() => done.push("first"));
  const second = write([
    { key: "a", message: 2 },
    { key: "b", message: 3 },
  ]).then(() => done.push("second"));
  await Promise.resolve();
  expect([sent, done]).toEqual([[], []]);
  tick();
  await Promise.all([first, second]);
  expect(sent).toEqual([2, 3]);
});

test("what comes after the write has begun waits for its own", async () => {
  const { sent, write, tick } = createWorld();
  const first = write([{ key: "a", message: 1 }]);
  tick();
  await first;
  const second = write([{ key: "a", message: 2 }]);
  tick();
  await second;
  expect(sent).toEqual([1, 2]);
});

test("many at a time are packed", async () => {
  const { sent, write, tick } = createWorld();
  const all = Array.from({ length: 100 }, (_, n) => ({ key: `${n}`, message: n }));
  const writing = Promise.all(all.map((one) => write([one])));
  tick();
  await writing;
  expect(sent.length).toBe(2);
});

test("every caller that waited for it gets a failure", async () => {
  const { write, tick } = createWorld(true);
  const both = Promise.allSettled([write([{ key: "a", message: 1 }]), write([{ key: "b", message: 1 }])]);
  tick();
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("nothing to write is nothing to wait for", async () => {
  const { sent, write } = createWorld();
  await write([]);
  expect(sent).toEqual([]);
});
