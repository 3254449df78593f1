import { type CsvLayout, headingOf, isHeading, isPreamble } from "./csv-heading.ts";
import type { Item } from "./item.ts";
import { createCsvSplitter } from "./split-csv.ts";

/** The lines of a CSV export as objects by heading. Lines that are no record, e.g. the heading of a second file, are passed over. */
export function csvReader({ delimiter }: CsvLayout): (chunk: Buffer | null) => Iterable<Item> {
  const splitter = createCsvSplitter(delimiter);
  let heading: readonly string[] | undefined;
  return function* (chunk) {
    for (const piece of chunk ? splitter.push(chunk) : splitter.end()) {
      const place = { line: piece.line, record: piece.record };
      if ("broken" in piece) yield { place, problem: piece.broken };
      else if (isPreamble(piece.cells)) continue;
      else if (heading === undefined || isHeading(piece.cells)) heading = headingOf(piece.cells);
      else if (piece.cells.length !== heading.length) {
        yield { place, problem: `has ${piece.cells.length} cells, the heading ${heading.length}` };
      } else yield { place, value: byHeading(heading, piece.cells) };
    }
  };
}

function byHeading(heading: readonly string[], cells: readonly string[]): Readonly<Record<string, unknown>> {
  const row: Record<string, string | undefined> = {};
  for (let at = 0; at < heading.length; at += 1) row[heading[at] ?? ""] = cells[at];
  return row;
}
