import { parseAuditRow } from "../../../shared/audit-log/parse.ts";
import { type AuditRecord, decodeValue } from "../../../shared/audit-log/record.ts";
import { classOfName, documentedOf } from "../class-of-name.ts";
import { auditRow, type RawRecord } from "./audit-row.ts";
import { type Fields, isFields } from "./fields.ts";
import { foldKeys } from "./fold-keys.ts";
import type { Passed } from "./item.ts";
import { isPortalRow, portalNames, portalRow } from "./portal-row.ts";
import { namesAnEnd, recordsInside, strangerAmongRecords } from "./recognize-record.ts";

/** The part that an export leaves out of an otherwise valid record. */
export type Gap = "targets" | "category";

type AuditReading =
  /**
   * `row` is the record in the shape of Graph docs: directoryaudit, with the names that `record` leaves out. `nameless` is what the file says of a record
   * without an id, whose place stands in for it.
   */
  | {
      readonly kind: "record";
      readonly record: AuditRecord;
      readonly row: Fields;
      readonly gap: Gap | null;
      readonly nameless: Fields | null;
    }
  /** Several records, each still to be read. */
  | { readonly kind: "several"; readonly inside: readonly unknown[] }
  /** A record that no verdict needs, like most of a tenant's log. `at` is not checked. */
  | ({ readonly kind: "passed" } & Passed)
  /** `isReporting`: a verdict could have needed the record. */
  | { readonly kind: "unreadable"; readonly problem: string; readonly isReporting: boolean };

/** One item of an export of the directory audit log, by the app's own parsing. */
export function readAudit(value: unknown, position: string): AuditReading {
  if (!isFields(value)) return stranger("is no audit record");
  if (isPortalRow(value)) {
    const { fields, isFull } = portalRow(value);
    return readRaw({ fields, written: value, names: portalNames, position }, isFull);
  }
  const outer = foldKeys(value);
  const inner = decodeValue(outer.properties);
  if (!isFields(inner)) {
    const inside = outer.activityDisplayName || outer.operationName ? [] : recordsInside(value);
    if (inside.length > 1) return { kind: "several", inside };
    const written = isFields(inside[0]) ? inside[0] : value;
    return readRaw({ fields: foldKeys(written), written, position }, false);
  }
  if (outer.category && String(outer.category).toLowerCase() !== "auditlogs") {
    return { kind: "passed", as: "otherLog", at: undefined };
  }
  const fields = { time: outer.time, operationName: outer.operationName, ...foldKeys(inner) };
  return readRaw({ fields, written: inner, position }, false);
}

function readRaw(raw: RawRecord, isFull: boolean): AuditReading {
  const { fields } = raw;
  const name = fields.activityDisplayName || fields.operationName;
  if (typeof name !== "string" || name === "") {
    const problem = strangerAmongRecords(raw.written);
    return namesAnEnd(raw.written) ? reporting(problem) : stranger(problem);
  }
  const known = classOfName(name);
  if (known !== "read") {
    return { kind: "passed", as: known, at: fields.activityDateTime ?? fields.timeGenerated ?? fields.time };
  }
  const shaped = auditRow(raw, name, documentedOf(name));
  if ("problem" in shaped) return reporting(shaped.problem);
  const parsed = parseAuditRow(shaped.row);
  if ("place" in parsed) return reporting(`${parsed.place} is missing or not what it should be`);
  const gap = shaped.isPlaneUnknown ? "category" : isFull ? "targets" : null;
  const nameless = parsed.record.id === raw.position ? raw.written : null;
  return { kind: "record", record: parsed.record, row: shaped.row, gap, nameless };
}

const stranger = (problem: string): AuditReading => ({ kind: "unreadable", problem, isReporting: false });
const reporting = (problem: string): AuditReading => ({ kind: "unreadable", problem, isReporting: true });
