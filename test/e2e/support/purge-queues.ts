import { QueueServiceClient } from "@azure/storage-queue";

/** Clears every queue of a storage account, the hidden messages too. Resolves to how many there were (Azure's count is approximate). */
export async function purgeQueues(connectionString: string): Promise<number> {
  const service = QueueServiceClient.fromConnectionString(connectionString);
  let purged = 0;
  for await (const { name } of service.listQueues()) {
    const queue = service.getQueueClient(name);
    purged += (await queue.getProperties()).approximateMessagesCount ?? 0;
    await queue.clearMessages();
  }
  return purged;
}
