import { scriptedEnd } from "../around-ends.ts";
import type { HoldingScript, IllusionScript } from "../history.ts";
import { between } from "../world/random.ts";
import { chance, one, type Press } from "./pressed.ts";

const second = 1000;
const minute = 60 * second;
/** Later than any history lasts. */
const never = 1000 * 60 * minute;

export const hidden = (view: IllusionScript["view"], after: number, length: number): IllusionScript => ({
  what: "absent",
  view,
  after,
  for: length,
  share: 1,
});

/** Extended in its last minutes, while the list hides its row. */
export const extendedUnseen: Press = (holdings, random) =>
  holdings.map((holding): HoldingScript => {
    const plannedFor = between(random, 5 * minute, 15 * minute);
    const after = plannedFor - 11 * second - between(random, 0, 3 * minute);
    const unseen = hidden("list", Math.max(0, after - between(random, 0, minute)), 4 * minute);
    return {
      ...holding,
      kind: holding.kind === "permanent" ? "activated" : holding.kind,
      plannedFor,
      extension: { after, by: between(random, minute, 11 * minute), newKey: chance(random, 0.25) },
      end:
        holding.end.how === "expires"
          ? holding.end
          : { ...holding.end, after: plannedFor + between(random, 0, 8 * minute) },
      illusions: [unseen, ...holding.illusions],
    };
  });

/** Both views deny it shortly before its end, or while it is new. */
export const denied: Press = (holdings, random) =>
  holdings.map((holding) => {
    const length = scriptedEnd(holding) - holding.from;
    const after = chance(random, 0.5)
      ? Math.max(0, length - between(random, 0, 20 * second))
      : between(random, 0, 5 * minute);
    const glow = holding.illusions.filter(({ what }) => what === "present");
    return { ...holding, illusions: [hidden("both", after, 59 * second), ...glow] };
  });

/** Everything is shown by mistake for as long as may be once it is gone. */
export const afterglow: Press = (holdings, random) =>
  holdings.map((holding) => {
    const glow: IllusionScript = {
      what: "present",
      view: one(random, ["list", "directory", "both"]),
      after: between(random, 0, 2 * minute),
      for: 5 * minute,
      share: one(random, [1, 0.7, 0.4]),
    };
    return { ...holding, illusions: [glow, ...holding.illusions.filter(({ what }) => what === "absent")] };
  });

/**
 * Every other one is assigned outside of PIM. PIM's list has such assignments (Graph docs: unifiedRoleAssignmentScheduleInstance); one in four is in the
 * directory alone all the same, as an undocumented case.
 */
export const outsidePim: Press = (holdings, random) =>
  holdings.map((holding, index): HoldingScript => {
    if (index % 2 === 0) return holding;
    const removed = { how: "outsidePim", after: between(random, 5 * minute, 40 * minute) } as const;
    return {
      ...holding,
      kind: "permanent",
      extension: null,
      end: holding.end.how === "expires" ? removed : holding.end,
      appears: chance(random, 0.25) ? { ...holding.appears, list: never } : holding.appears,
    };
  });
