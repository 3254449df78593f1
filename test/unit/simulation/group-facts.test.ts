import { expect, test } from "vitest";
import { groupFacts } from "../../simulation/tenant/group-facts.ts";
import type { Group } from "../../simulation/tenant/groups.ts";

const gone = { from: 0, to: 107_000 };

/** Its role was to end at 100 s, and PIM was seven seconds late. */
const group = (joinedAt: number): Group => ({
  id: "group 0",
  number: 0,
  holding: {
    role: 0,
    scoped: false,
    kind: "activated",
    memberType: "Direct",
    how: "expires",
    from: 0,
    plannedEnds: [{ since: 0, end: 100_000, key: 0 }],
    shown: { list: gone, directory: gone },
    goneAt: gone.to,
    illusions: [],
  },
  stays: [
    {
      principal: 1,
      access: "member",
      kind: "permanent",
      from: joinedAt,
      plannedEnd: null,
      unlistedAt: Number.POSITIVE_INFINITY,
      goneAt: Number.POSITIVE_INFINITY,
      schedule: "a schedule",
      nested: false,
      again: false,
    },
  ],
});
const roleOf = (joinedAt: number) => groupFacts(group(joinedAt), 1).find(({ role }) => !role.includes(" of "));

test("a member of a group knows the announced end of its role", () => {
  expect(roleOf(0)).toMatchObject({ neverHeld: null, announcedEnds: [100_000], goneAt: 107_000 });
});

test("a user who joins after the end, and may be taken for a member who lost it, as well: it may be stale from then on", () => {
  expect(roleOf(200_000)).toMatchObject({ neverHeld: { how: "joined", at: 200_000 }, announcedEnds: [100_000] });
});
