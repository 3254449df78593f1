import { describe, expect, test } from "vitest";
import { judgeScope, type Remembered, resolveScope, usersOnly } from "../../../shared/enforcement/policy.ts";
import type { ListedPrincipal } from "../../../shared/graph/people.ts";

const [jane, joe, ann, admins] = ["jane", "joe", "ann", "admins"];
const group = (assignableToRole: boolean, ...members: string[]) =>
  ({ id: admins, kind: "group", assignableToRole, members }) as const;
const recorded = (...entries: ListedPrincipal[]) => new Map(entries.map((entry) => [entry.id, entry]));
const remembered = (entry: Remembered["entry"], age: number, joined: Remembered["joined"] = {}) =>
  new Map([[entry.id, { entry, age, joined }]]);
const nothing = new Map<string, never>();
const excluding = { included: "all", excluded: new Set([admins]) } as const;
const including = { included: new Set([admins]), excluded: new Set<string>() };
const hour = 3_600_000;

describe("users", () => {
  test("are included and excluded by their ids; exclusion wins", () => {
    const scope = usersOnly({ included: new Set([jane, joe]), excluded: new Set([joe]) });
    expect([jane, joe, ann].map((id) => judgeScope(id, scope))).toEqual(["in", "excluded", "out"]);
  });

  test("that Graph confirms mean nobody else", () => {
    const scope = resolveScope(
      { included: new Set([jane]), excluded: new Set([joe]) },
      recorded({ id: jane, kind: "user" }, { id: joe, kind: "user" }),
      nothing,
    );
    expect(scope.problems).toEqual([]);
    expect([jane, joe, ann].map((id) => judgeScope(id, scope))).toEqual(["in", "excluded", "out"]);
  });

  test("that were deleted mean nobody else either", () => {
    const settings = { included: "all", excluded: new Set([joe]) } as const;
    const scope = resolveScope(
      settings,
      recorded({ id: joe, kind: "unknown" }),
      remembered({ id: joe, kind: "user" }, hour * 99),
    );
    expect(scope.problems).toEqual([]);
    expect(judgeScope(ann, scope)).toBe("in");
  });
});

describe("a role-assignable group", () => {
  test("means its members", () => {
    const excluded = resolveScope(excluding, recorded(group(true, jane)), nothing);
    expect([jane, ann].map((id) => judgeScope(id, excluded))).toEqual(["excluded", "in"]);
    const included = resolveScope(including, recorded(group(true, jane)), nothing);
    expect([jane, ann].map((id) => judgeScope(id, included))).toEqual(["in", "out"]);
    expect([...excluded.problems, ...included.problems]).toEqual([]);
  });

  test.each([
    { what: "cannot be read", now: nothing },
    { what: "is no user or group that Graph knows", now: recorded({ id: admins, kind: "unknown" }) },
  ])("that $what: its last known members for an hour, then nobody is cut", ({ what, now }) => {
    const within = resolveScope(excluding, now, remembered(group(true, jane), hour));
    expect([jane, ann].map((id) => judgeScope(id, within))).toEqual(["excluded", "in"]);
    expect(within.problems).toEqual([expect.stringContaining(`EXCLUDED_PRINCIPALS: entry 1 of 1 ${what}`)]);
    const after = resolveScope(excluding, now, remembered(group(true, jane), hour + 1));
    expect([jane, ann].map((id) => judgeScope(id, after))).toEqual(["unknown", "unknown"]);
    expect(after.problems).toEqual([expect.stringContaining("for more than an hour")]);
    const pilot = resolveScope(including, now, remembered(group(true, jane), hour + 1));
    expect([jane, ann].map((id) => judgeScope(id, pilot))).toEqual(["unknown", "unknown"]);
  });
});

test("an entry that was never resolved holds every user but those whom the settings name themselves", () => {
  const settings = { included: "all", excluded: new Set([joe, admins]) } as const;
  const scope = resolveScope(settings, recorded({ id: joe, kind: "user" }, { id: admins, kind: "unknown" }), nothing);
  expect([joe, ann].map((id) => judgeScope(id, scope))).toEqual(["excluded", "unknown"]);
  expect(scope.problems).toEqual([expect.stringContaining("entry 2 of 2 is no user or group that Graph knows")]);
});

describe("a group that is not role-assignable", () => {
  test("is a problem, and its members are held: neither cut nor let go", () => {
    const scope = resolveScope(excluding, recorded(group(false, jane)), nothing);
    expect([jane, ann].map((id) => judgeScope(id, scope))).toEqual(["unknown", "in"]);
    expect(scope.problems).toEqual([expect.stringMatching(/^EXCLUDED_PRINCIPALS: entry 1 of 1 .*not role-assignable/)]);
  });

  test("lets nobody into the pilot", () => {
    const scope = resolveScope(including, recorded(group(false, jane)), nothing);
    expect([jane, ann].map((id) => judgeScope(id, scope))).toEqual(["unknown", "out"]);
  });
});

describe("a user who joins an excluded group while holding a privilege", () => {
  const scopeOf = (joined: Remembered["joined"], excluded = [admins]) =>
    resolveScope(
      { included: "all", excluded: new Set(excluded) },
      recorded(group(true, jane, joe)),
      remembered(group(true, jane, joe), 0, joined),
    );

  test.each([
    { name: "after it was first seen", joined: { [jane]: 101 }, heldSince: 100, judged: "in" },
    { name: "before it was first seen", joined: { [jane]: 99 }, heldSince: 100, judged: "excluded" },
    { name: "in the moment in which it was first seen", joined: { [jane]: 100 }, heldSince: 100, judged: "excluded" },
    { name: "before the group was first read", joined: {}, heldSince: 100, judged: "excluded" },
    {
      name: "after it was first seen, and late exemptions are honoured",
      joined: { [jane]: 101 },
      heldSince: null,
      judged: "excluded",
    },
  ])("$name is $judged", ({ joined, heldSince, judged }) => {
    expect(judgeScope(jane, scopeOf(joined), heldSince)).toBe(judged);
    expect(judgeScope(joe, scopeOf(joined), heldSince)).toBe("excluded");
  });

  test.each([
    ["first", [admins, "others"]],
    ["last", ["others", admins]],
  ])("is excluded all the same through a group that they joined before, though that comes %s", (_, excluded) => {
    const later = { ...group(true, jane), id: "others" };
    const scope = resolveScope(
      { included: "all", excluded: new Set(excluded) },
      recorded(group(true, jane), later),
      new Map([
        ...remembered(group(true, jane), 0, { [jane]: 99 }),
        ["others", { entry: later, age: 0, joined: { [jane]: 101 } }],
      ]),
    );
    expect(judgeScope(jane, scope, 100)).toBe("excluded");
  });

  test("is excluded all the same if the setting names them", () => {
    expect(judgeScope(jane, scopeOf({ [jane]: 101 }, [admins, jane]), 100)).toBe("excluded");
  });
});
