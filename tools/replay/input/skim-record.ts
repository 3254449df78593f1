import { classOfName } from "../class-of-name.ts";
import { BACKSLASH, QUOTE } from "./bytes.ts";
import type { Passed } from "./item.ts";

const NAME = Buffer.from('"activityDisplayName":');
const TIME = Buffer.from('"activityDateTime":');
const PROPERTIES = Buffer.from('"properties":');
const AUDIT_LOGS = ['"category":"AuditLogs"', '"category": "AuditLogs"'].map((text) => Buffer.from(text));
const BLANK = 0x20;

/**
 * Recognises a record that no verdict needs by the name of its activity, without parsing it: most of a tenant's log is like that. Undefined for every
 * record that must be read, and in every doubt. Inside a JSON string every quote has a backslash before it, so a text in the form of a key is a key.
 * The braces of the record match; whether all of it is valid JSON is not checked.
 */
export function skimRecord(record: Buffer): Passed | undefined {
  const at = record.indexOf(NAME);
  if (at < 0 || record.indexOf(NAME, at + NAME.length) >= 0) return undefined;
  const name = textAt(record, at + NAME.length);
  if (name === undefined || name === "") return undefined;
  const as = classOfName(name);
  if (as === "read") return undefined;
  // The diagnostic setting wraps records of other logs alike.
  if (record.lastIndexOf(PROPERTIES, at) >= 0 && !AUDIT_LOGS.some((text) => record.includes(text))) return undefined;
  const timeAt = record.indexOf(TIME);
  return { as, at: timeAt < 0 ? undefined : textAt(record, timeAt + TIME.length) };
}

/** The string that begins at `from`; undefined when there is none, or one with an escape in it. */
function textAt(bytes: Buffer, from: number): string | undefined {
  const start = bytes[from] === BLANK ? from + 1 : from;
  if (bytes[start] !== QUOTE) return undefined;
  const end = bytes.indexOf(QUOTE, start + 1);
  return end < 0 || bytes[end - 1] === BACKSLASH ? undefined : bytes.toString("latin1", start + 1, end);
}
