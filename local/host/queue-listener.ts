import type { DequeuedMessageItem } from "@azure/storage-queue";
import type { Listener } from "./listener.ts";
import { describeError } from "./log.ts";
import { type MessageProcessing, processMessage } from "./process-message.ts";
import { createQueueBackoff } from "./queue-backoff.ts";
import { sleep } from "./sleep.ts";

/**
 * Polls a queue as Azure's queue trigger does: a batch at a time, the next one when `newBatchThreshold` messages are left,
 * idle polls further and further apart. A storage failure counts as an idle poll.
 */
export function startQueueListener(processing: MessageProcessing, random: () => number): Listener {
  const { queue, options, hiddenFor, log } = processing;
  const stopping = new AbortController();
  const nextDelay = createQueueBackoff(options.maxPollingInterval, random);
  const running = new Set<Promise<void>>();
  const threshold = options.newBatchThreshold ?? Math.floor(options.batchSize / 2);
  let found = false;

  async function receive(): Promise<DequeuedMessageItem[]> {
    try {
      return await receiveBatch();
    } catch (error) {
      if (!isMissingQueue(error)) throw error;
      await queue.createIfNotExists();
      return [];
    }
  }

  // Never aborted: a batch whose answer is thrown away would stay hidden for minutes.
  async function receiveBatch(): Promise<DequeuedMessageItem[]> {
    const visibilityTimeout = Math.ceil(hiddenFor / 1000);
    const { receivedMessageItems } = await queue.receiveMessages({
      numberOfMessages: options.batchSize,
      visibilityTimeout,
    });
    return receivedMessageItems;
  }

  function start(message: DequeuedMessageItem): void {
    const run = processMessage(processing, message)
      .catch((error) =>
        log("error", `Message ${message.messageId} in '${queue.name}' could not be settled: ${describeError(error)}`),
      )
      .finally(() => running.delete(run));
    running.add(run);
  }

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      let messages: DequeuedMessageItem[] = [];
      try {
        messages = await receive();
      } catch (error) {
        log("error", `Queue '${queue.name}' could not be read: ${describeError(error)}`);
      }
      for (const message of messages) start(message);
      if (messages.length > 0) {
        found = true;
        while (running.size > threshold) await Promise.race(running);
      } else {
        await sleep(nextDelay(found), stopping.signal);
        found = false;
      }
    }
  }

  const polling = poll();
  return {
    stop: async () => {
      stopping.abort();
      await polling;
      await Promise.all(running);
    },
  };
}

function isMissingQueue(error: unknown): boolean {
  return error instanceof Error && "statusCode" in error && error.statusCode === 404;
}
