import type { DequeuedMessageItem, QueueClient } from "@azure/storage-queue";
import type { QueueOptions } from "./host-json.ts";
import { describeError, type Log } from "./log.ts";
import { decodeMessage } from "./queue-message.ts";
import { sleep } from "./sleep.ts";

export interface MessageProcessing {
  readonly queue: QueueClient;
  /** Undefined for a queue that is itself a poison queue. */
  readonly poisonQueue: QueueClient | undefined;
  readonly options: QueueOptions;
  /** Milliseconds for which a message is hidden at a time while its function runs. */
  readonly hiddenFor: number;
  /** Runs the function; true when it succeeded. */
  readonly run: (text: string, message: DequeuedMessageItem) => Promise<boolean>;
  readonly log: Log;
}

/** Runs one received message to its end: deleted, visible again, or in the poison queue. Rejects when storage fails. */
export async function processMessage(processing: MessageProcessing, message: DequeuedMessageItem): Promise<void> {
  const { queue, poisonQueue, options, run, log } = processing;
  if (poisonQueue && message.dequeueCount > options.maxDequeueCount) {
    await moveToPoison(queue, poisonQueue, message, message.popReceipt, log);
    return;
  }
  const text = decodeMessage(message.messageText, options.messageEncoding);
  if (text === undefined)
    log("error", `Message ${message.messageId} in '${queue.name}' is not ${options.messageEncoding}.`);

  const renewal = keepHidden(processing, message);
  const succeeded = text !== undefined && (await run(text, message));
  const popReceipt = await renewal.stop();

  if (succeeded) {
    await queue.deleteMessage(message.messageId, popReceipt);
  } else if (!poisonQueue) {
    // Left hidden until its time is up: with nowhere to move it, showing it again would be a fast endless loop.
    log("warning", `Message ${message.messageId} in '${queue.name}' failed and stays hidden for now.`);
  } else if (message.dequeueCount >= options.maxDequeueCount) {
    await moveToPoison(queue, poisonQueue, message, popReceipt, log);
  } else {
    await queue.updateMessage(message.messageId, popReceipt, undefined, Math.ceil(options.visibilityTimeout / 1000));
  }
}

/** Hides the message anew at half time, so that only a dead host lets it come back. `stop` yields the valid pop receipt. */
function keepHidden({ queue, hiddenFor, log }: MessageProcessing, message: DequeuedMessageItem) {
  const ended = new AbortController();
  let popReceipt = message.popReceipt;
  const renewing = (async () => {
    while (true) {
      await sleep(hiddenFor / 2, ended.signal);
      if (ended.signal.aborted) return;
      try {
        const renewed = await queue.updateMessage(
          message.messageId,
          popReceipt,
          undefined,
          Math.ceil(hiddenFor / 1000),
        );
        popReceipt = renewed.popReceipt ?? popReceipt;
      } catch (error) {
        log("warning", `Message ${message.messageId} could not be kept hidden: ${describeError(error)}`);
      }
    }
  })();
  return {
    stop: async () => {
      ended.abort();
      await renewing;
      return popReceipt;
    },
  };
}

async function moveToPoison(
  queue: QueueClient,
  poisonQueue: QueueClient,
  message: DequeuedMessageItem,
  popReceipt: string,
  log: Log,
): Promise<void> {
  log("warning", `Message has reached MaxDequeueCount. Moving message to queue '${poisonQueue.name}'.`);
  await poisonQueue.createIfNotExists();
  await poisonQueue.sendMessage(message.messageText);
  await queue.deleteMessage(message.messageId, popReceipt);
}
