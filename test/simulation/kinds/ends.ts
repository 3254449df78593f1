import { scriptedEnd } from "../around-ends.ts";
import type { HoldingScript } from "../history.ts";
import { assumed } from "../tenant/assumed.ts";
import { between, type Random } from "../world/random.ts";
import { chance, type Press } from "./pressed.ts";

const second = 1000;
const minute = 60 * second;

/** Everything is of one role, and ends within seconds or minutes of the first end. */
export const overlapping: Press = ([first, ...others], random) => {
  if (first === undefined) return [];
  const end = scriptedEnd(first);
  const moved = others.map((holding): HoldingScript => {
    const offset = chance(random, 0.3)
      ? between(random, -5 * minute, 5 * minute)
      : between(random, -20 * second, 20 * second);
    const target = end + offset;
    const from = Math.min(holding.from, target - 5 * minute);
    const scoped = chance(random, 0.25) ? holding.scoped : first.scoped;
    const same = { ...holding, role: first.role, scoped, from, extension: null };
    if (holding.end.how === "expires") return { ...same, plannedFor: target - from };
    const later = between(random, 0, 30 * minute);
    return { ...same, plannedFor: target - from + later, end: { ...holding.end, after: target - from } };
  });
  return [first, ...moved];
};

/** Every other one is for one administrative unit only, and all end together. */
export const wideAndNarrow: Press = (holdings, random) =>
  overlapping(holdings, random).map((holding, index) => ({ ...holding, scoped: index % 2 === 0 }));

/** One after the other: each begins within half a minute of the end of the one before, and some appear slowly and end soon. */
export const consecutive: Press = (holdings, random) => {
  const made: HoldingScript[] = [];
  for (const holding of holdings) {
    const before = made.at(-1);
    const from = before === undefined ? holding.from : scriptedEnd(before) + between(random, -10 * second, 30 * second);
    made.push({
      ...holding,
      role: before?.role ?? holding.role,
      scoped: before?.scoped ?? holding.scoped,
      from: Math.min(from, 38 * minute),
      plannedFor: Math.min(holding.plannedFor, between(random, 2 * minute, 15 * minute)),
      appears: chance(random, 0.3) ? slow(random) : holding.appears,
      end:
        holding.end.how === "expires"
          ? holding.end
          : { ...holding.end, after: between(random, 3 * minute, 10 * minute) },
    });
  }
  return made;
};

const slow = (random: Random): HoldingScript["appears"] => ({
  list: between(random, 20 * second, assumed.newSource),
  directory: between(random, 20 * second, assumed.newSource),
});

/** A permanent assignment that is removed and, minutes later, made again: its row has the very same key. */
export const permanentAgain: Press = (holdings, random) => {
  let free: number | undefined;
  return holdings.map((holding): HoldingScript => {
    const from = free === undefined ? Math.min(holding.from, 5 * minute) : free + between(random, 0, 3 * minute);
    const after = between(random, 5 * minute, 9 * minute);
    free = from + after + 6 * minute + Math.max(holding.removal.list, holding.removal.directory) + second;
    const how = chance(random, 0.5) ? "removed" : "outsidePim";
    return { ...holding, kind: "permanent", role: 0, scoped: false, from, end: { how, after } };
  });
};
