import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { maxDelay, maxMessageBytes } from "../../shared/storage/queue.ts";
import { StorageLimitError } from "../../shared/storage/table.ts";
import { type QueueEnds, type Stores, stores } from "./stores.ts";

const hour = 60 * 60 * 1000;

describe.each(stores)("a queue in %s", (_, start) => {
  let running: Stores;
  let ends: QueueEnds;

  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running.stop());
  beforeEach(() => {
    ends = running.queue();
  });

  /** Waits until a message is visible. */
  const next = (visibilitySeconds = 60) =>
    vi.waitFor(
      async () => {
        const [message] = await ends.receive(1, visibilitySeconds);
        if (message === undefined) throw new Error("No message is visible yet.");
        return message;
      },
      { timeout: 20_000, interval: 100 },
    );

  test("a message comes as the host reads it: base64 of JSON", async () => {
    const message = { kind: "reconcile", principalId: "p", text: "Zoë 東京 😀 <&>", list: [1, null] };
    await ends.queue.send(message, 0);
    expect((await next()).content).toEqual(message);
  });

  test("what was sent is a copy", async () => {
    const message = { list: [1] };
    await ends.queue.send(message, 0);
    message.list.push(2);
    expect((await next()).content).toEqual({ list: [1] });
  });

  test("several messages can be received at once", async () => {
    for (const n of [1, 2, 3]) await ends.queue.send(n, 0);
    const messages = [...(await ends.receive(2, 60)), ...(await ends.receive(32, 60))];
    expect(messages.map(({ content }) => content).sort()).toEqual([1, 2, 3]);
  });

  test("a delayed message is hidden at first and comes later", async () => {
    await ends.queue.send("in an hour", hour);
    await ends.queue.send("now", 0);
    expect((await ends.receive(32, 60)).map(({ content }) => content)).toEqual(["now"]);
    await ends.queue.send("in a second", 1_000);
    expect((await next()).content).toBe("in a second");
    expect(await ends.receive(32, 60)).toEqual([]);
  });

  test("a delay in the past means now", async () => {
    await ends.queue.send("late", -hour);
    expect((await next()).content).toBe("late");
  });

  test("a message that was received and not deleted comes again, counted", async () => {
    await ends.queue.send("again", 0);
    expect((await next(1)).dequeueCount).toBe(1);
    const second = await next();
    expect(second.dequeueCount).toBe(2);
    await second.delete();
  });

  test("only the newest receiver can delete", async () => {
    await ends.queue.send("contested", 0);
    const first = await next(1);
    const second = await next(60);
    await expect(first.delete()).rejects.toThrow();
    await second.delete();
    await expect(second.delete()).rejects.toThrow();
  });

  test("six days are the longest hop, and nothing longer is sent", async () => {
    await ends.queue.send("longest hop", maxDelay);
    await expect(ends.queue.send("too long", maxDelay + 1)).rejects.toThrow(StorageLimitError);
    await expect(ends.queue.send("no time", Number.NaN)).rejects.toThrow(StorageLimitError);
    expect(await ends.receive(32, 60)).toEqual([]);
  });

  test("48 KB fit, one byte more does not", async () => {
    const largest = "é".repeat((maxMessageBytes - 2) / 2);
    await ends.queue.send(largest, 0);
    await expect(ends.queue.send(`${largest}x`, 0)).rejects.toThrow(StorageLimitError);
    expect((await next()).content).toBe(largest);
    expect(await ends.receive(32, 60)).toEqual([]);
  });

  test("what has no JSON form is refused", async () => {
    await expect(ends.queue.send(undefined, 0)).rejects.toThrow(TypeError);
  });
});
