import type { AuditRecord } from "../../signals/audit-record.ts";
import { parseAuditRow } from "../../signals/parse-audit-row.ts";
import { parseAuditStream } from "../../signals/parse-audit-stream.ts";
import { isOfInterest } from "../collect-history.ts";
import { type Fields, isFields } from "./fields.ts";
import { isPortalRow, portalRow } from "./portal-row.ts";
import { isTableRow, tableRow } from "./table-row.ts";

export type AuditReading =
  /** `row` is the record in the shape of Graph docs: directoryaudit, with the names that `record` leaves out. */
  | { readonly kind: "record"; readonly record: AuditRecord; readonly row: Fields }
  /** An activity on which no verdict can rest: most of a tenant's log. `at` is not checked. */
  | { readonly kind: "otherActivity"; readonly at: unknown }
  /** A record of another log in the same container or event hub. */
  | { readonly kind: "otherLog" }
  | { readonly kind: "unreadable"; readonly problem: string };

/** One item of an export of the directory audit log, by the app's own parsing. */
export function readAudit(value: unknown, position: string): AuditReading {
  if (!isFields(value)) return { kind: "unreadable", problem: "is no audit record" };
  if (isFields(value.properties)) return readStreamed(value, value.properties);
  if (isPortalRow(value)) return readRow(portalRow(value, position));
  return readRow(isTableRow(value) ? tableRow(value) : value);
}

function readStreamed(value: Fields, row: Fields): AuditReading {
  if (value.category && value.category !== "AuditLogs") return { kind: "otherLog" };
  if (isOther(row.activityDisplayName ?? value.operationName)) {
    return { kind: "otherActivity", at: row.activityDateTime ?? value.time };
  }
  const { records, problems, otherLogs } = parseAuditStream([value]);
  const [record] = records;
  if (record) return { kind: "record", record, row };
  return otherLogs > 0 ? { kind: "otherLog" } : unreadable(problems[0]?.place ?? "record");
}

function readRow(row: Fields): AuditReading {
  if (isOther(row.activityDisplayName)) return { kind: "otherActivity", at: row.activityDateTime };
  const parsed = parseAuditRow(row);
  return "record" in parsed ? { kind: "record", record: parsed.record, row } : unreadable(parsed.place);
}

const isOther = (activity: unknown): boolean =>
  typeof activity === "string" && activity !== "" && !isOfInterest(activity);

const unreadable = (place: string): AuditReading => ({
  kind: "unreadable",
  problem: place === "record" ? "is no audit record" : `${place} is missing or not what it should be`,
});
