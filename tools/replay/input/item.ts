import type { RecordClass } from "../record-class.ts";

/** The place of a record in its file; `record` only where lines and records differ. Words where there is no record, e.g. `the end`. */
type Place = { readonly line: number; readonly record?: number } | string;

/** The known facts of a record that no verdict needs. */
export interface Passed {
  readonly as: RecordClass;
  /** Its time, as written and not checked. */
  readonly at: unknown;
}

/** One record of an export, or why there is none. */
export type Item = ParsedItem | { readonly place: Place; readonly passed: Passed };

export type ParsedItem =
  | { readonly place: Place; readonly value: unknown }
  /** Never the content: it may name people. */
  | { readonly place: Place; readonly problem: string };

/** For people, e.g. `line 12, record 12`. Made only where it is shown: most records are passed over. */
export const said = (place: Place): string =>
  typeof place === "string"
    ? place
    : `line ${place.line}${place.record === undefined ? "" : `, record ${place.record}`}`;
