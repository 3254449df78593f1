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
