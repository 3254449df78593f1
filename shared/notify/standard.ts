import { createHash, createHmac } from "node:crypto";
import type { Closed, Obligation } from "../revocation/obligation.ts";
import { outcomeProperties } from "../revocation/outcome-properties.ts";
import type { AlarmNews } from "./news.ts";

/** One HTTP message to a channel. */
export interface OutgoingMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a receiver of the format `standard` is told: object ids, words and times, never names. */
export interface StandardContent {
  /** What the id of the message is made of: the same for every delivery of the same thing, so that a receiver can tell a repetition. */
  readonly idOf: readonly string[];
  readonly type: string;
  readonly timestamp: number;
  readonly data: Readonly<Record<string, string | boolean | null>>;
}

export const outcomeContent = (principalId: string, obligation: Obligation, closed: Closed): StandardContent => ({
  idOf: [principalId, obligation.key],
  type: `outcome.${closed.outcome}`,
  timestamp: closed.closedAt,
  data: { principalId, ...outcomeProperties(obligation, closed) },
});

export const alarmContent = ({ alarm, principalId, at }: AlarmNews): StandardContent => ({
  idOf: ["alarm", alarm, String(at)],
  type: `alarm.${alarm}`,
  timestamp: at,
  data: { alarm, principalId },
});

export const testContent = (at: number): StandardContent => ({
  idOf: ["test", String(at)],
  type: "test",
  timestamp: at,
  data: {},
});

/**
 * A message as Standard Webhooks has it, signed with each secret: while one is rotated the receiver may know either. `sentAt`: epoch milliseconds by this
 * machine's clock; receivers refuse what is minutes old. Pure.
 */
export function toStandardMessage(
  { idOf, type, timestamp, data }: StandardContent,
  secrets: readonly Uint8Array[],
  sentAt: number,
): OutgoingMessage {
  const id = `msg_${createHash("sha256").update(idOf.join("|")).digest("hex").slice(0, 32)}`;
  const sentSecond = String(Math.floor(sentAt / 1000));
  const body = JSON.stringify({ type, timestamp: new Date(timestamp).toISOString(), data });
  const sign = (secret: Uint8Array) =>
    `v1,${createHmac("sha256", secret).update(`${id}.${sentSecond}.${body}`).digest("base64")}`;
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": sentSecond,
    "webhook-signature": secrets.map(sign).join(" "),
  };
  return { headers, body };
}

/** A message of the other formats, whose receivers know nobody but by the address. Pure. */
export const toJsonMessage = (body: object): OutgoingMessage => ({
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});
