import { plain } from "../../plain.ts";
import { placeLines } from "../place-lines.ts";
import { ReplayError } from "../replay-error.ts";
import type { Unreadable } from "../report.ts";

/** Places shown of one file. */
const SHOWN = 10;

/** Why nothing of a file can be replayed: where something is wrong and what, for the person who has to export it again. */
export function notAnExport(file: string, what: string, { count, places }: Unreadable, hint: string): ReplayError {
  const [only] = places;
  if (only !== undefined && count === 1 && only.position === "the start") {
    return new ReplayError("notAnExport", `${plain(file)} cannot be replayed: ${plain(only.problem)}.${hint}`);
  }
  const shown = placeLines(places.slice(0, SHOWN), ({ position }) => position);
  const more = count > SHOWN ? [`... and ${(count - SHOWN).toLocaleString("en-US")} more`] : [];
  return new ReplayError(
    "notAnExport",
    [`${plain(file)} cannot be replayed: ${what}.${hint}`, ...shown.map((line) => plain(line)), ...more].join("\n  "),
  );
}
