import { instantMs } from "../../graph/instant.ts";
import { auditTime } from "../../signals/audit-time.ts";

/** What the Logs blade writes into a CSV in American English: `9/6/2026, 6:40:46.745 PM`. Capitals tell it from other English. */
const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d{2}:\d{2}(?:\.\d+)?)\s(AM|PM)$/;

/** Epoch milliseconds of a time in UTC as exports write it; undefined when it is none, or not surely one. */
export function logTime(value: unknown): number | undefined {
  const parsed = auditTime.safeParse(typeof value === "string" ? fromAmerican(value) : value);
  return parsed.success ? instantMs(parsed.data) : undefined;
}

function fromAmerican(text: string): string {
  const [, month = "", day = "", year, hour, rest, half] = american.exec(text) ?? [];
  if (year === undefined) return text;
  const hours = (Number(hour) % 12) + (half === "PM" ? 12 : 0);
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}T${String(hours).padStart(2, "0")}:${rest}Z`;
}
