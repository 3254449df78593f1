/** Characters; longer cells are cut with an ellipsis. */
const WIDEST = 60;

/** Rows as aligned lines, the first one the heading; columns after the first `left` are numbers and stand right. */
export function textTable(rows: readonly (readonly string[])[], left = 1): readonly string[] {
  const cut = rows.map((row) => row.map((cell) => (cell.length > WIDEST ? `${cell.slice(0, WIDEST - 1)}…` : cell)));
  const widths = (cut[0] ?? []).map((_, column) => Math.max(...cut.map((row) => row[column]?.length ?? 0)));
  return cut.map((row) =>
    row
      .map((cell, column) => (column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
