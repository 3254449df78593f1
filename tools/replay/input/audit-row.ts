import { type Fields, isFields } from "./fields.ts";
import { ownName } from "./fold-keys.ts";
import { asIso } from "./log-time.ts";
import { nestedList } from "./nested-values.ts";

/** A record while it is brought into the shape of Graph docs: directoryaudit. */
export interface RawRecord {
  /** The fields under their documented names. */
  readonly fields: Fields;
  /** The fields as the file names them, so that a message can use these names. */
  readonly written: Fields;
  /** The name for a field that the file lacks; without one its documented name. */
  readonly names?: Readonly<Record<string, string>>;
  /** Stands in for an id that the export leaves out. */
  readonly position: string;
}

/** The services and categories of the directory's own rows (Entra docs: reference-audit-activities), for exports without those columns. */
export interface Documented {
  readonly service: string;
  /** Undefined where activities of several categories share a name. */
  readonly category: string | undefined;
}

type AuditRow =
  | { readonly row: Fields; readonly isPlaneUnknown: boolean }
  /** The problem, by the name of the field, never its content. */
  | { readonly problem: string };

const results: ReadonlySet<string> = new Set(["success", "failure", "timeout", "unknownfuturevalue"]);

/**
 * The record in the shape of Graph docs: directoryaudit, whatever it was exported with, or the first thing that is wrong with it.
 * @param documented null when a verdict needs neither service nor category
 */
export function auditRow(raw: RawRecord, activity: string, documented: Documented | null): AuditRow {
  const { fields, position } = raw;
  const at = timeOf(raw);
  if (at === undefined) return { problem: timeGap(raw) };
  const gap = gapIn(raw, documented);
  if (gap !== undefined) return { problem: gap };
  const targets = targetsOf(raw);
  if ("problem" in targets) return targets;
  const details = nestedList(fields.additionalDetails);
  if ("problem" in details) return { problem: `${named(raw, "additionalDetails")}${details.at} ${details.problem}` };
  const category = fields.category ?? documented?.category;
  const row = {
    id: typeof fields.id === "string" && fields.id !== "" ? fields.id : position,
    activityDisplayName: activity,
    activityDateTime: at,
    result: fields.result,
    loggedByService: fields.loggedByService ?? documented?.service,
    category,
    initiatedBy: fields.initiatedBy,
    targetResources: targets.list,
    additionalDetails: details.list,
  };
  return { row, isPlaneUnknown: documented !== null && category === undefined };
}

function targetsOf(raw: RawRecord): { readonly list: readonly Fields[] } | { readonly problem: string } {
  const targets = nestedList(raw.fields.targetResources);
  if ("problem" in targets) return { problem: `${named(raw, "targetResources")}${targets.at} ${targets.problem}` };
  const list: Fields[] = [];
  for (const [index, target] of targets.list.entries()) {
    const changed = nestedList(target.modifiedProperties);
    if ("problem" in changed) {
      return {
        problem: `${named(raw, "targetResources")}.${index}.modifiedProperties${changed.at} ${changed.problem}`,
      };
    }
    list.push({ ...target, modifiedProperties: changed.list });
  }
  return { list };
}

const times = ["activityDateTime", "timeGenerated", "time"];
const isoDate = /^\d{4}-\d{2}-\d{2}[T ]/;

/** `TimeGenerated` of the table and `time` of the stream stand in for a missing time of the record itself. Whether the text is a time is checked later. */
function timeOf({ fields }: RawRecord): string | undefined {
  for (const name of times) {
    const iso = asIso(fields[name]);
    if (typeof iso === "string" && isoDate.test(iso)) return iso;
  }
  return undefined;
}

/** A column of times of the Logs blade, or the portal's first one, in another zone. */
const isLocalTime = /^(?:(?:ActivityDateTime|TimeGenerated) \[.+\]|(?:Date|Datum|Fecha|Data) \(.+\))$/i;

/** The problem of a record without any valid time. */
function timeGap(raw: RawRecord): string {
  const name = times.find((one) => !isEmpty(raw.fields[one]));
  const local = Object.keys(raw.written).find((one) => isLocalTime.test(one));
  if (name === undefined && local !== undefined)
    return `has its time in ${local}, which is not in UTC. Have the dates shown in UTC and export again`;
  if (name === undefined)
    return missing([named(raw, "activityDateTime")], "A verdict needs a time, and TimeGenerated is enough");
  return `${named(raw, name)} ${timeProblem(raw.fields[name])}`;
}

function timeProblem(value: unknown): string {
  const isLocal = typeof value === "string" && /^\s*(?:\d{1,4}[./-]\s?\d{1,2}[./-]|\d{5}(?:[.,]\d+)?\s*$)/.test(value);
  return isLocal
    ? "has a date as one country or a spreadsheet writes it: its day and its zone are not certain. " +
        "Take the file as it was downloaded, not saved again by a spreadsheet, with dates such as 2026-03-01T10:00:00Z"
    : "is no date and time such as 2026-03-01T10:00:00Z";
}

/** The other fields that every verdict needs. */
function gapIn(raw: RawRecord, documented: Documented | null): string | undefined {
  const { fields } = raw;
  const needed = ["result", "targetResources"].filter((name) => fields[name] === undefined || fields[name] === "");
  const empty = documented
    ? ["category", "loggedByService"].filter((name) => fields[name] === null || fields[name] === "")
    : [];
  const gaps = [...needed, ...empty].map((name) => named(raw, name));
  if (gaps.length > 0) return missing(gaps, "Without that no verdict is possible");
  if (!results.has(String(fields.result).toLowerCase())) {
    return `${named(raw, "result")} has another word than success, failure and timeout. An export in English is needed`;
  }
  return undefined;
}

const missing = (names: readonly string[], why: string): string =>
  `has no ${names.join(" and no ")}. ${why}: export it, too`;

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === "";

function named({ written, fields, names }: RawRecord, name: string): string {
  const own = ownName(written, name);
  if (own !== name) return own;
  if (names?.[name] !== undefined) return names[name];
  // The columns of the table AuditLogs begin with a capital.
  const isTable = fields.activityDisplayName === undefined || "ActivityDisplayName" in written;
  return isTable && !isFields(written.properties) && !(name in written)
    ? `${name.charAt(0).toUpperCase()}${name.slice(1)}`
    : name;
}
