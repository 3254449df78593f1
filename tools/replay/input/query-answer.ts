import { type Fields, isFields } from "./fields.ts";

/**
 * The rows of a query API's answer as objects by column: `{"tables":[{"columns":[{"name":..}],"rows":[[..]]}]}` of Log Analytics
 * (Azure Monitor docs: api/response-format), `Columns` with `ColumnName` in older ones. Undefined for anything else.
 */
export function rowsOfAnswer(value: unknown): readonly Fields[] | undefined {
  if (!isFields(value)) return undefined;
  const tables = ofEitherCase(value, "tables");
  if (Array.isArray(tables)) return tables.flatMap((table) => rowsOfAnswer(table) ?? []);
  const columns = ofEitherCase(value, "columns");
  const rows = ofEitherCase(value, "rows");
  if (!Array.isArray(columns) || !Array.isArray(rows)) return undefined;
  const names = columns.map((column) =>
    String(isFields(column) ? (ofEitherCase(column, "name") ?? column.ColumnName) : column),
  );
  return rows.map((row) =>
    Object.fromEntries(names.map((name, at) => [name, Array.isArray(row) ? row[at] : undefined])),
  );
}

const ofEitherCase = (value: Fields, name: string): unknown =>
  value[name] ?? value[`${name.charAt(0).toUpperCase()}${name.slice(1)}`];

/** Whether a file begins like the answer of a query API. */
export const beginsAnswer = (start: Buffer): boolean =>
  /^\s*\{\s*"(?:tables|columns|rows)"\s*:/i.test(start.toString("latin1", 0, 200));
