import { QueueServiceClient } from "@azure/storage-queue";
import { type Env, storageConnectionString } from "./app-settings.ts";
import type { RegisteredFunction } from "./core-module.ts";
import type { QueueOptions } from "./host-json.ts";
import type { Invoke } from "./invoke.ts";
import type { Listener } from "./listener.ts";
import { describeError, type Log } from "./log.ts";
import { startQueueListener } from "./queue-listener.ts";
import { toMessageData, toMessageMetadata } from "./queue-message.ts";
import type { QueueTrigger } from "./triggers.ts";

const poisonSuffix = "-poison";

// Azure docs: functions-bindings-storage-queue-trigger. Not configurable there either.
const tenMinutes = 600_000;

/** Starts the queue trigger of `fn`; its queue exists then. @throws HostError `settingMissing` without its connection. */
export async function startQueueTrigger(
  fn: RegisteredFunction,
  trigger: QueueTrigger,
  host: { env: Env; options: QueueOptions; invoke: Invoke; log: Log },
): Promise<Listener> {
  const { env, options, invoke, log } = host;
  // No retries inside the client: the poll is the retry, and its pace is the back-off's.
  const connectionString = storageConnectionString(env, trigger.connection);
  const service = QueueServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } });
  const queue = service.getQueueClient(trigger.queueName);
  await queue.createIfNotExists().catch((error) => {
    log("warning", `Queue '${queue.name}' could not be created, it will be tried again: ${describeError(error)}`);
  });
  return startQueueListener(
    {
      queue,
      poisonQueue: queue.name.endsWith(poisonSuffix) ? undefined : service.getQueueClient(queue.name + poisonSuffix),
      options,
      hiddenFor: tenMinutes,
      log,
      run: async (text, message) => {
        const { succeeded } = await invoke(fn, {
          name: trigger.name,
          data: toMessageData(text),
          triggerMetadata: toMessageMetadata(message),
          reason: `New queue message detected on '${queue.name}'.`,
        });
        return succeeded;
      },
    },
    Math.random,
  );
}
