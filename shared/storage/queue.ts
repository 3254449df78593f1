import { maxDelay, maxMessageBytes } from "./queue-parts.ts";
import { StorageLimitError } from "./storage-errors.ts";

export interface EncodedMessage {
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
