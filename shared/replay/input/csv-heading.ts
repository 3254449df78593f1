/** Columns that only an audit log (of the portal, of Log Analytics) or an activity log has. */
const telling = /^(?:Activity|ActivityDisplayName|OperationName|TokenIssuedAt|RequestUri)(?: \[UTC\])?$/i;

/** What parts the cells if `start` is the beginning of a CSV export: a comma, or what a spreadsheet made of it. Undefined for JSON. */
export function csvDelimiter(start: Buffer): string | undefined {
  const [heading = ""] = start.toString().split(/\r?\n/, 1);
  return [",", ";", "\t"].find((delimiter) => {
    const cells = heading.split(delimiter).map((cell) => cell.trim().replaceAll('"', ""));
    return cells.length > 1 && cells.some((cell) => telling.test(cell));
  });
}
