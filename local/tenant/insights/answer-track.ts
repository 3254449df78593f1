import type { Answer } from "../http/answer.ts";
import { type Call, jsonOf } from "../http/call.ts";
import type { Tenant } from "../tenant.ts";
import { envelopeSchema } from "./envelope.ts";

/** Path of the ingestion endpoint, below what a connection string names as `IngestionEndpoint`. */
export const trackPath = "/v2.1/track";

/** Takes items of telemetry, one by one: 200 when all are good, 206 when some are, 400 when none is. */
export function answerTrack({ insights }: Tenant, call: Call): Answer {
  const items = itemsOf(call.text);
  const errors = items.flatMap((item, index) => {
    const parsed = envelopeSchema.safeParse(item);
    if (parsed.success) insights.push(parsed.data);
    const message = parsed.error?.issues.map(({ path }) => path.join(".")).join(", ");
    return parsed.success ? [] : [{ index, statusCode: 400, message: `Field not valid: ${message}` }];
  });
  const accepted = items.length - errors.length;
  const status = accepted === items.length && accepted > 0 ? 200 : accepted > 0 ? 206 : 400;
  return { status, headers: {}, body: { itemsReceived: items.length, itemsAccepted: accepted, errors } };
}

/** A JSON array, one item, or an item per line. */
function itemsOf(text: string): readonly unknown[] {
  const whole = jsonOf(text);
  if (whole !== undefined) return Array.isArray(whole) ? whole : [whole];
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(jsonOf);
}
