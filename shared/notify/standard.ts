import { createHash, createHmac } from "node:crypto";
import type { Closed, Obligation } from "../revocation/obligation.ts";
import { outcomeProperties } from "../revocation/outcome-properties.ts";

/** One HTTP message of the specification Standard Webhooks. */
export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What a receiver is told of one outcome: object ids, words and times, never names. The id is the same for every delivery of the same outcome,
 * so that a receiver can tell a repetition. `sentAt`: epoch milliseconds by this machine's clock; receivers refuse what is minutes old. Pure.
 */
export function toWebhookMessage(
  principalId: string,
  obligation: Obligation,
  progress: Closed,
  secret: Uint8Array,
  sentAt: number,
): WebhookMessage {
  const id = `msg_${createHash("sha256").update(`${principalId}|${obligation.key}`).digest("hex").slice(0, 32)}`;
  const timestamp = String(Math.floor(sentAt / 1000));
  const body = JSON.stringify({
    type: `outcome.${progress.outcome}`,
    timestamp: new Date(progress.closedAt).toISOString(),
    data: { principalId, ...outcomeProperties(obligation, progress) },
  });
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
  return { headers, body };
}
