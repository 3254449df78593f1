import { instantMs } from "../../graph/instant.ts";
import { auditTime } from "../../signals/audit-time.ts";

/** What the Logs blade writes into a CSV in American English: `9/6/2026, 6:40:46.745 PM`. Capitals tell it from other English. */
const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d{2}:\d{2}(?:\.\d+)?)\s(AM|PM)$/;

/** Epoch milliseconds of a time in UTC as exports write it; undefined when it is none, or not surely one. */
export function logTime(value: unknown): number | undefined {
  const parsed = auditTime.safeParse(fromAmerican(value));
  return parsed.success ? instantMs(parsed.data) : undefined;
}

/** Such a time as ISO 8601; anything else as it is. */
export function fromAmerican(value: unknown): unknown {
  const [, month = "", day = "", year, hour, rest, half] = american.exec(typeof value === "string" ? value : "") ?? [];
  if (year === undefined) return value;
  const hours = (Number(hour) % 12) + (half === "PM" ? 12 : 0);
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}T${String(hours).padStart(2, "0")}:${rest}Z`;
}
