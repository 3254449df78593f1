import fc from "fast-check";
import { histories } from "../histories.ts";
import type { History, HoldingScript, PrincipalScript } from "../history.ts";
import { between, type Random, seededRandom } from "../world/random.ts";

/** What a kind does to the holdings of one principal; all that it draws comes from `random`. */
export type Press = (holdings: readonly HoldingScript[], random: Random) => HoldingScript[];

/** The histories of `of` with the holdings of everybody pressed to where it hurts. */
export const pressed = (press: Press, of: fc.Arbitrary<History> = histories): fc.Arbitrary<History> =>
  changed((history, random) => ({
    ...history,
    principals: history.principals.map(
      (principal): PrincipalScript => ({ ...principal, holdings: press(principal.holdings, random) }),
    ),
  }))(of);

/** Histories changed by a rule that may draw. */
export const changed =
  (change: (history: History, random: Random) => History) =>
  (of: fc.Arbitrary<History>): fc.Arbitrary<History> =>
    of.chain((history) => fc.noShrink(fc.integer()).map((seed) => change(history, seededRandom(seed, "kind"))));

export const withoutGroups = (of: fc.Arbitrary<History>): fc.Arbitrary<History> =>
  of.map((history) => ({ ...history, groups: [] }));

export const onlyWithGroups = (of: fc.Arbitrary<History>): fc.Arbitrary<History> =>
  of.filter(({ groups }) => groups.length > 0);

export const one = <const T>(random: Random, from: readonly [T, ...T[]]): T =>
  from[between(random, 0, from.length)] ?? from[0];

export const chance = (random: Random, share: number): boolean => random() < share;
