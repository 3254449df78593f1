import type { Unreadable } from "./report.ts";

/** One line per place with its fault, and each cure once. A problem is a fault, followed by `. ` and its cure. */
export function placeLines(
  places: Unreadable["places"],
  head: (place: Unreadable["places"][number]) => string,
): readonly string[] {
  const faults = places.map((place) => `${head(place)}: ${place.problem.split(". ", 1)[0]}`);
  const cures = new Set(
    places.map(({ problem }) => problem.split(". ").slice(1).join(". ")).filter((cure) => cure !== ""),
  );
  return [...faults, ...[...cures].map((cure) => `${cure}.`)];
}
