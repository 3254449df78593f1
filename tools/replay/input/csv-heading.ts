/** Columns that only an audit log (of the portal, of Log Analytics, of Graph) or an activity log has, and that in which Splunk keeps the whole record. */
const reporting = /^(?:Activity|ActivityDisplayName|OperationName|TokenIssuedAt|RequestUri|_raw)(?: \[UTC\])?$/i;
/** The first columns of the portal's CSV. It translates these, and leaves the others in English. */
const portalStart = ["Date (UTC)", "CorrelationId", "Service", "Category", "Activity", "Result"];
const inEnglish = /^(?:CorrelationId|ResultReason|User ?Agent|IPAddress|Actor\w+|Target\d\w+|AdditionalDetail\d\w+)$/;

/** How the lines of a CSV file are to be read. */
export interface CsvLayout {
  readonly delimiter: string;
  /** Why the records of the file cannot be read; undefined when they can. */
  readonly problem: string | undefined;
}

/** The layout of the CSV that `start` begins; undefined for anything else, e.g. JSON. */
export function csvLayout(start: Buffer): CsvLayout | undefined {
  const lines = start
    .toString()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const heading = lines.find((line) => line !== "" && !isPreamble([line])) ?? "";
  const separated = /^"?sep=(.)"?$/i.exec(lines[0] ?? "")?.[1];
  const delimiters = separated === undefined ? [",", ";", "\t", "|"] : [separated];
  const [widest = ","] = delimiters.toSorted((a, b) => heading.split(b).length - heading.split(a).length);
  const delimiter = delimiters.find((one) => isHeading(cellsOf(heading, one))) ?? widest;
  const cells = cellsOf(heading, delimiter);
  if (isHeading(cells)) return { delimiter, problem: undefined };
  if (cells.length < 3 || /^"?[[{<]/.test(heading)) return undefined;
  return { delimiter, problem: strangeHeading(cells) };
}

const cellsOf = (line: string, delimiter: string): readonly string[] => headingOf(line.split(delimiter));

/** The line that a spreadsheet (`sep=,`) or PowerShell 5 (`#TYPE ...`) writes above the heading. */
export const isPreamble = ([first = "", ...more]: readonly string[]): boolean =>
  /^#TYPE /.test(first) || (/^"?sep=.?"?$/i.test(first) && more.every((cell) => cell === ""));

/** Whether a line is a heading: the first one, or that of another file which was put after it. */
export const isHeading = (cells: readonly string[]): boolean =>
  cells.length > 1 && !beginsWithDigit.test(cells[0] ?? "") && headingOf(cells).some((cell) => reporting.test(cell));

/** Most lines begin with a date, and no column's name does. So the hundred cells of such a line need not be read. */
const beginsWithDigit = /^\d/;

/** The names of the columns; in English where the portal's CSV has them in another language. */
export function headingOf(cells: readonly string[]): readonly string[] {
  const names = cells.map((cell) => cell.trim().replaceAll('"', ""));
  if (names.indexOf("Target1ObjectId") < portalStart.length) return names;
  return names.map((name, at) => {
    const english = portalStart[at];
    // The date's own heading says whether it is UTC.
    const isKnown = at === 0 || english === undefined || portalStart.includes(name) || inEnglish.test(name);
    return isKnown || names.includes(english) ? name : english;
  });
}

function strangeHeading(names: readonly string[]): string {
  const has = (...wanted: readonly string[]) => wanted.every((name) => names.includes(name));
  if (has("AuditData")) {
    return "it is an export of the unified audit log (Microsoft Purview): export the directory audit log of Microsoft Entra instead";
  }
  if (names.some((name) => /^(?:Request ?ID|Application ?ID)$/i.test(name)) && has("Application")) {
    return "it is an export of the sign-in logs: export the audit log instead";
  }
  const isForeign = names.some((name) => /\(UTC\)|[^\p{ASCII}]/u.test(name));
  const what = isForeign
    ? "its headings are in another language than English"
    : "its headings are none of an audit log";
  return `${what}: no column is called Activity, ActivityDisplayName or OperationName. Download the audit log of Microsoft Entra again, as JSON, or as CSV with the language of the portal set to English`;
}
