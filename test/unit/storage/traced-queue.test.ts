import { expect, test } from "vitest";
import { lag } from "../../../shared/detection/lag.ts";
import { tracedQueue, traceparentOf } from "../../../shared/storage/queue.ts";
import { untraced } from "../../../shared/telemetry/telemetry.ts";
import { signalOf } from "../../fixtures/deliver.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { createMemoryQueue } from "../../fixtures/memory-storage.ts";

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const signal = (because: string) => ({ v: 2, kind: "principal", principalId: jane, because, tries: 0 });

async function sent(message: unknown, delay: number, tracing = { traceparent: (): string | undefined => traceparent }) {
  const queue = createMemoryQueue({ now: () => 0 });
  await tracedQueue(queue, tracing).send(message, delay);
  return queue.peekAll()[0]?.content;
}

test("a message says which step sent it, and is the same signal", async () => {
  const message = await sent(signal("resync"), 61_000);
  expect(message).toEqual({ ...signal("resync"), traceparent });
  expect(traceparentOf(message)).toBe(traceparent);
  expect(signalOf(message)).toEqual(signalOf(signal("resync")));
});

test("a timer that is armed for later begins a trace of its own; one within the same work does not", async () => {
  expect(await sent(signal("timer"), 3_600_000)).toEqual(signal("timer"));
  expect(await sent(signal("timer"), 10_000)).toEqual({ ...signal("timer"), traceparent });
  expect(await sent(signal("timer"), lag.newSource)).toEqual({ ...signal("timer"), traceparent });
});

test("outside of steps, and for what is no object, nothing is added", async () => {
  expect(await sent(signal("resync"), 0, untraced)).toEqual(signal("resync"));
  expect(await sent("text", 0)).toBe("text");
});

test.each([null, undefined, "text", 7, {}])("%s names no step", (message) => {
  expect(traceparentOf(message)).toBeUndefined();
});
