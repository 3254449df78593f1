import type { QueueClient } from "@azure/storage-queue";
import { z } from "zod";
import type { Tracing } from "../telemetry/telemetry.ts";
import { afterCreation } from "./call-storage.ts";
import { StorageLimitError } from "./table.ts";

/** Azure Storage queue, sending side only: the Functions host receives. */
export interface Queue {
  /**
   * Sends a JSON message that becomes visible after `delay` milliseconds and never expires (`messageTimeToLive` -1).
   * Delays round up to whole seconds, as the service does. The caller hops: at most `maxDelay` at a time.
   * @throws StorageLimitError above 48 KB before base64, or above `maxDelay`; nothing was sent.
   * @throws StorageUnavailableError when storage did not answer; it may or may not have been sent.
   */
  send(message: unknown, delay: number): Promise<void>;
}

/** Six days in milliseconds: storage allows a visibility timeout of seven (Azure docs: Put Message). */
export const maxDelay = 6 * 24 * 60 * 60 * 1000;
export const maxMessageBytes = 48 * 1024;

interface EncodedMessage {
  /** Base64 of the JSON text: what the Functions host expects (`messageEncoding` in host.json). */
  readonly text: string;
  /** Whole seconds, rounded up: a message may come late but never early. */
  readonly visibilitySeconds: number;
}

/**
 * A message as it lies in the queue; the same rules for Azure and for the in-memory twin. A `delay` in the past means now.
 * @throws StorageLimitError above 48 KB before base64, or for a delay above `maxDelay` or that is no number.
 * @throws TypeError when the message has no JSON form.
 */
export function encodeMessage(message: unknown, delay: number): EncodedMessage {
  const json: string | undefined = JSON.stringify(message);
  if (json === undefined) throw new TypeError("A queue message must be a JSON document.");
  const bytes = Buffer.from(json);
  if (bytes.length > maxMessageBytes) {
    throw new StorageLimitError(`A queue message takes ${bytes.length} bytes; at most ${maxMessageBytes} are allowed.`);
  }
  if (Number.isNaN(delay) || delay > maxDelay) {
    throw new StorageLimitError(`A queue message cannot wait ${delay} ms; at most ${maxDelay}: wait in hops.`);
  }
  return { text: bytes.toString("base64"), visibilitySeconds: Math.max(0, Math.ceil(delay / 1000)) };
}

/** A queue in Azure Storage or Azurite, created on first use. A send that was tried twice may arrive twice: receivers expect that. */
export function createAzureQueue(client: QueueClient): Queue {
  const call = afterCreation((options) => client.createIfNotExists(options));

  return {
    async send(message, delay) {
      const { text, visibilitySeconds } = encodeMessage(message, delay);
      await call((options) =>
        client.sendMessage(text, { ...options, visibilityTimeout: visibilitySeconds, messageTimeToLive: -1 }),
      );
    },
  };
}

/**
 * Milliseconds: the longest wait for a second answer (61 s, the lag table), and a little more. A message with a longer delay begins a trace of its
 * own: its pass has little to do with the pass that sent it.
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

/** The `traceparent` of a message, not checked: `Tracing.step` ignores an invalid one. */
export const traceparentOf = (message: unknown): unknown =>
  typeof message === "object" && message !== null && "traceparent" in message ? message.traceparent : undefined;

/** Queues and tables of the app's storage account. Version 0.1 used other names, and its rows are not read. */
export const signalsQueue = "reconcile";
export const heartbeatQueue = "heartbeat";
export const webhookQueue = "notices";
export const tableNames = { principals: "holdings", state: "app" } as const;
