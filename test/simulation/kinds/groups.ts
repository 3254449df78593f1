import type { FaultWindow, GroupScript, MemberScript } from "../history.ts";
import { assumed } from "../tenant/assumed.ts";
import { between } from "../world/random.ts";
import { changed } from "./pressed.ts";

const second = 1000;
const minute = 60 * second;

/** The first group holds no role, and the others are inside of it for a while. */
export const nestedGroups = changed((history, random) => {
  const [outer, ...inner] = history.groups;
  if (outer === undefined) return history;
  const groups: GroupScript[] = [{ ...outer, role: null, within: null }];
  for (const group of inner.length > 0 ? inner : [outer]) {
    const leavesAfter = random() < 0.5 ? null : between(random, 10 * minute, 40 * minute);
    groups.push({ ...group, within: { group: 0, from: between(random, -20 * minute, 5 * minute), leavesAfter } });
  }
  return { ...history, groups };
});

/** The list has a row of each member, which may show a loss before the group's own does. */
export const listedMembers = changed((history) => ({
  ...history,
  listsMembers: true,
  policy: { ...history.policy, watchGroups: true },
}));

/** Everybody who leaves a group comes back within six minutes. */
export const backIntoGroup = changed((history, random) => ({
  ...history,
  groups: history.groups.map((group) => ({
    ...group,
    members: group.members.flatMap((stay): MemberScript[] => {
      const ends = stay.end.how === "expires" ? stay.plannedFor : stay.end.after;
      const after = Math.max(stay.removal.list, stay.removal.directory) + between(random, second, 6 * minute);
      return [stay, { ...stay, from: stay.from + ends + after }];
    }),
  })),
}));

/** A user is answered with 404 around an end, Graph does not answer at all for a while, and then with 404 once more. */
export const missingTwice = changed((history, random) => {
  const from = between(random, 5 * minute, 30 * minute);
  const longest = assumed.userMissing - second;
  const outage = between(random, assumed.oneLag + second, 5 * minute);
  const again = from + longest + outage;
  const fault: FaultWindow = {
    kind: "graphUnavailable",
    from: from + longest - 10 * second,
    for: outage + 20 * second,
    share: 1,
    seconds: 0,
  };
  return {
    ...history,
    faults: [fault, ...history.faults.slice(0, 2)],
    principals: history.principals.map((principal) => ({
      ...principal,
      kind: "user",
      deletedAt: null,
      missing: [
        { from, for: longest },
        { from: again, for: longest },
      ],
      holdings: principal.holdings.map((holding, index) =>
        index > 0
          ? holding
          : {
              ...holding,
              from: Math.min(holding.from, from - 6 * minute),
              extension: null,
              end: {
                how: "deactivated",
                after: from - Math.min(holding.from, from - 6 * minute) + between(random, 0, minute),
              },
            },
      ),
    })),
  };
});
