import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { QueueOptions } from "./host-json.ts";
import type { TypedData } from "./rpc.ts";

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The text of a message; undefined when it is not in the encoding that `host.json` sets. */
export function decodeMessage(raw: string, encoding: QueueOptions["messageEncoding"]): string | undefined {
  if (encoding === "none") return raw;
  if (raw.length % 4 !== 0 || !base64.test(raw)) return undefined;
  return Buffer.from(raw, "base64").toString("utf8");
}

export function toMessageData(text: string): TypedData {
  try {
    JSON.parse(text);
    return { json: text };
  } catch {
    return { string: text };
  }
}

interface MessageProperties {
  messageId: string;
  popReceipt: string;
  dequeueCount: number;
  insertedOn: Date;
  expiresOn: Date;
  nextVisibleOn: Date;
}

export function toMessageMetadata(message: MessageProperties): Record<string, TypedData> {
  return {
    Id: { string: message.messageId },
    DequeueCount: { int: message.dequeueCount },
    PopReceipt: { string: message.popReceipt },
    InsertionTime: { json: JSON.stringify(message.insertedOn) },
    ExpirationTime: { json: JSON.stringify(message.expiresOn) },
    NextVisibleTime: { json: JSON.stringify(message.nextVisibleOn) },
  };
}

/** What Azure makes up for a queue function that is fired by hand. */
export function manualMessageMetadata(now: Date): Record<string, TypedData> {
  return toMessageMetadata({
    messageId: randomUUID(),
    popReceipt: "",
    dequeueCount: 0,
    insertedOn: now,
    expiresOn: now,
    nextVisibleOn: now,
  });
}
