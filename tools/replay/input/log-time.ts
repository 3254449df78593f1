import { auditTime } from "../../../shared/audit-log/record.ts";
import { instantMs } from "../../../shared/graph/instants-and-ids.ts";
import { isFields } from "./fields.ts";

/** What the Logs blade writes into a CSV in American English: `9/6/2026, 6:40:46.745 PM`. Capitals distinguish it from other English. */
const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d{2}:\d{2}(?:\.\d+)?)\s(AM|PM)$/;
/** Milliseconds since 1970 in UTC; a zone behind them says where they were written and changes nothing. */
const powerShell = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;

/** Epoch milliseconds of a time in UTC as exports write it; undefined when it is none, or not surely one. */
export function logTime(value: unknown): number | undefined {
  const parsed = auditTime.safeParse(asIso(value));
  return parsed.success ? instantMs(parsed.data) : undefined;
}

/** Times of the Logs blade in American, and those of ConvertTo-Json in PowerShell 5, as ISO 8601; anything else as it is. */
export function asIso(value: unknown): unknown {
  // PowerShell 5 may add what it shows: {"value":"/Date(..)/","DisplayHint":2,"DateTime":".."}
  if (isFields(value)) return asIso(value.value);
  if (typeof value !== "string") return value;
  const epoch = powerShell.exec(value)?.[1];
  if (epoch !== undefined) return fromEpoch(Number(epoch));
  const [, month = "", day = "", year, hour, others, half] = american.exec(value) ?? [];
  if (year === undefined) return value;
  const hours = (Number(hour) % 12) + (half === "PM" ? 12 : 0);
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}T${String(hours).padStart(2, "0")}:${others}Z`;
}

function fromEpoch(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
