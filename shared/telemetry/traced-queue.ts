import { z } from "zod";
import type { Queue } from "../storage/queue-parts.ts";
import type { Tracing } from "./telemetry.ts";

/**
 * Milliseconds: the longest that a second answer is waited for (61 s, the lag table), and a little more. A timer's message that waits longer is the
 * beginning of something new: not of the look that happened to arm it.
 */
const longestHop = 65_000;

const timerMessage = z.object({ because: z.literal("timer") });

/** The same queue, each message with the `traceparent` of the step that sends it. */
export const tracedQueue = (queue: Queue, tracing: Pick<Tracing, "traceparent">): Queue => ({
  send(message, delay) {
    const traceparent = tracing.traceparent();
    const isApart = delay > longestHop && timerMessage.safeParse(message).success;
    const isObject = typeof message === "object" && message !== null;
    return queue.send(isObject && traceparent !== undefined && !isApart ? { ...message, traceparent } : message, delay);
  },
});

/** What a message says led to it: whatever it is, `Tracing.step` takes it or leaves it. */
export const traceparentOf = (message: unknown): unknown =>
  typeof message === "object" && message !== null && "traceparent" in message ? message.traceparent : undefined;
