import { classOfName } from "../class-of-name.ts";
import { type CsvLayout, headingOf, isHeading, isPreamble } from "./csv-heading.ts";
import { documentedName } from "./fold-keys.ts";
import type { Item, Passed } from "./item.ts";
import { createCsvSplitter } from "./split-csv.ts";

/**
 * The lines of a CSV export as objects by heading. Lines that are no record, e.g. the heading of a second file, are ignored.
 * @param isAuditLog whether records that no verdict needs are recognised by the name of their activity alone
 */
export function csvReader({ delimiter }: CsvLayout, isAuditLog: boolean): (chunk: Buffer | null) => Iterable<Item> {
  const splitter = createCsvSplitter(delimiter);
  let heading: readonly string[] | undefined;
  let skim: (cells: readonly string[]) => Passed | undefined = () => undefined;
  return function* (chunk) {
    for (const piece of chunk ? splitter.push(chunk) : splitter.end()) {
      const place = { line: piece.line };
      if ("broken" in piece) yield { place, problem: piece.broken };
      else if (isPreamble(piece.cells)) continue;
      else if (heading === undefined || isHeading(piece.cells)) {
        heading = headingOf(piece.cells);
        if (isAuditLog) skim = skimmer(heading);
      } else if (piece.cells.length !== heading.length) {
        yield { place, problem: `has ${piece.cells.length} cells, the heading ${heading.length}` };
      } else {
        const passed = skim(piece.cells);
        yield passed ? { place, passed } : { place, value: byHeading(heading, piece.cells) };
      }
    }
  };
}

/** Saves time: no verdict needs most lines, so their hundred cells do not become an object. */
function skimmer(heading: readonly string[]): (cells: readonly string[]) => Passed | undefined {
  const names = heading.map((name) => (name === "Activity" ? "activityDisplayName" : documentedName(name)));
  const [activity, operation] = [names.indexOf("activityDisplayName"), names.indexOf("operationName")];
  const utc = heading.findIndex((name) => /[(（]UTC[)）]$/.test(name));
  const times = [utc, names.indexOf("activityDateTime"), names.indexOf("timeGenerated")].filter((at) => at >= 0);
  return (cells) => {
    const name = cells[activity] || cells[operation];
    const as = name ? classOfName(name) : "read";
    return as === "read" ? undefined : { as, at: times.map((at) => cells[at]).find((cell) => cell) };
  };
}

function byHeading(heading: readonly string[], cells: readonly string[]): Readonly<Record<string, unknown>> {
  const row: Record<string, string | undefined> = {};
  for (let at = 0; at < heading.length; at += 1) row[heading[at] ?? ""] = cells[at];
  return row;
}
