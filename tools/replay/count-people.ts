import { exposureOf } from "./exposure.ts";
import { isOfPerson, type JudgedEnd } from "./judge-ends.ts";
import type { Names } from "./names.ts";
import type { PersonCount } from "./report.ts";

/** Everyone whose privileges ended, the most affected first: by surviving calls, then sign-outs, then ends. */
export function countPeople(
  ends: readonly JudgedEnd[],
  names: Names,
  survivingCalls: ReadonlyMap<string, number> | null,
): readonly PersonCount[] {
  const people = Map.groupBy(ends.filter(isOfPerson), ({ end }) => end.principalId);
  const counts = [...people].map(([id, own]) => {
    const { upperBound, narrowed } = exposureOf(own);
    return {
      id,
      name: names.of(id),
      ends: own.length,
      signOuts: own.filter(({ verdict }) => verdict === "signOut").length,
      upperBound,
      narrowed,
      survivingCalls: survivingCalls && (survivingCalls.get(id) ?? 0),
    };
  });
  return counts.toSorted(
    (a, b) =>
      (b.survivingCalls ?? 0) - (a.survivingCalls ?? 0) ||
      b.signOuts - a.signOuts ||
      b.ends - a.ends ||
      a.name.localeCompare(b.name, "en"),
  );
}
