import { expect, test } from "vitest";
import { createSignalWriter } from "../../../shared/notifications/to-messages.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";

/** A queue whose sends end one by one, at each `answer`. */
function createWorld() {
  const sent: unknown[] = [];
  const sends: PromiseWithResolvers<void>[] = [];
  const queue = {
    send: (message: unknown) => {
      const send = Promise.withResolvers<void>();
      sent.push(message);
      sends.push(send);
      return send.promise;
    },
  };
  const write = createSignalWriter(queue);
  const answer = (error?: Error) => {
    for (const { resolve, reject } of sends.splice(0)) error === undefined ? resolve() : reject(error);
  };
  const sending = () => expect.poll(() => sends.length, { interval: 1 }).toBeGreaterThan(0);
  return { sent, write, answer, sending };
}

test("what comes at once, and what comes while a write is under way, is written once, and all wait for that", async () => {
  const { sent, write, answer, sending } = createWorld();
  const done: string[] = [];
  const first = write([{ key: "a", message: 1 }]).then(() => done.push("first"));
  const same = write([
    { key: "a", message: 2 },
    { key: "b", message: 3 },
  ]).then(() => done.push("same"));
  await sending();
  expect([sent, done]).toEqual([[2, 3], []]);
  const later = ["c", "c", "d"].map((key, n) => write([{ key, message: n }]).then(() => done.push("later")));
  answer();
  await Promise.all([first, same]);
  await sending();
  expect(sent).toEqual([2, 3, 1, 2]);
  expect(done).toEqual(["first", "same"]);
  answer();
  await Promise.all(later);
});

test("what comes after the write has begun waits for its own", async () => {
  const { sent, write, answer, sending } = createWorld();
  const first = write([{ key: "a", message: 1 }]);
  await sending();
  const second = write([{ key: "a", message: 2 }]);
  answer();
  await first;
  await sending();
  answer();
  await second;
  expect(sent).toEqual([1, 2]);
});

test("many at a time are packed", async () => {
  const { sent, write, answer, sending } = createWorld();
  const all = Array.from({ length: 100 }, (_, n) => ({ key: `${n}`, message: n }));
  const writing = Promise.all(all.map((one) => write([one])));
  await sending();
  answer();
  await writing;
  expect(sent.length).toBe(2);
});

test("every caller that waited for it gets a failure, and the next write is not concerned", async () => {
  const { sent, write, answer, sending } = createWorld();
  const both = Promise.allSettled([write([{ key: "a", message: 1 }]), write([{ key: "b", message: 1 }])]);
  await sending();
  const next = write([{ key: "c", message: 3 }]);
  answer(new StorageUnavailableError("Away."));
  expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await sending();
  answer();
  await next;
  expect(sent).toEqual([1, 1, 3]);
});

test("nothing to write is nothing to wait for", async () => {
  const { sent, write } = createWorld();
  await write([]);
  expect(sent).toEqual([]);
});
