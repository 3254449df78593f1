import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { lag } from "../../../shared/detection/lag.ts";
import { observe } from "../../../shared/detection/observe.ts";
import { isStillHeld } from "../../../shared/detection/still-held.ts";
import type { GroupPath, PrincipalReading } from "../../../shared/graph/graph.ts";
import { pending } from "../../../shared/model/pending-revocation.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { activation } from "../../fixtures/fake-world.ts";
import {
  aHolding,
  anAnswer,
  aPath,
  aRevocation,
  aState,
  at,
  isoAt,
  janesKey,
  oneUnit,
  permanent,
  wholeDirectory,
} from "../../fixtures/principal-builders.ts";

/** One answer, `seconds` after the start, with the group paths read at the same time; null: they were not. */
const pass = (
  state: PrincipalState,
  seconds: number,
  shown: Partial<PrincipalReading> = {},
  paths: readonly GroupPath[] | null = [],
) => {
  const principal = anAnswer(seconds, shown);
  const reading = { principal, paths: paths === null ? null : { ...principal, value: paths } };
  return observe(state, reading, "timer", defaultTimings);
};

const known = aState({ holdings: [aHolding()] });
const active = { instances: [activation()] };
const role = wholeDirectory.roleDefinitionId;
/** The role is held through a group alone since its own end, 62 seconds after the start. */
const inGroup = (path = aPath()) => pass(known, 62, {}, [path]).state;

/** The first denial came 29 seconds after the start, long before the known end, and no group gave the role. */
const doubtful = pass(known, 29).state;

describe("the user's groups", () => {
  test.each([
    { name: "before a loss is judged", seconds: 62 },
    { name: "with the first answer that denies the role", seconds: 29 },
  ])("are read $name, and nothing changes until they are", ({ seconds }) => {
    expect(pass(known, seconds, {}, null)).toEqual({ state: known, needsPaths: [role] });
  });

  test("are read again while a group gives the role that one's own views deny", () => {
    const { state } = pass(known, 29, {}, [aPath()]);
    expect(pass(state, 32, {}, null).needsPaths).toEqual([role]);
    expect(pass(pass(state, 32).state, 33, {}, null).needsPaths).toEqual([]);
  });

  test.each([
    { name: "while a view shows the role", state: known, seconds: 30, shown: active },
    { name: "while a loss is doubtful, after the first denial", state: doubtful, seconds: 30, shown: {} },
    { name: "of who is no user", state: known, seconds: 62, shown: { user: null } },
    {
      name: "for a revocation that was made",
      state: aState({ revocations: [aRevocation({ progress: { state: "accepted", acceptedAt: at(63) } })] }),
      seconds: 70,
      shown: {},
    },
  ])("are not read $name", ({ state, seconds, shown }) => {
    expect(pass(state, seconds, shown, null).needsPaths).toEqual([]);
  });

  test("are read though a wider holding of one's own covers what is lost: that may be lost next", () => {
    const state = pass(aState(), 0, { instances: [activation(oneUnit), permanent()] }).state;
    expect(pass(state, 62, { instances: [permanent()] }, null).needsPaths).toEqual([role]);
  });

  test("are read once for a role of which several holdings are lost", () => {
    const both = aState({ holdings: [aHolding(), aHolding({ ...oneUnit, key: "unit" })] });
    expect(pass(both, 62, {}, null).needsPaths).toEqual([role]);
  });

  test("are read for a revocation that is still to be made: a group may give the role by now, or be readable only now", () => {
    const waiting = aState({ revocations: [aRevocation()] });
    expect(pass(waiting, 70, {}, null).needsPaths).toEqual([role]);
    expect([...pass(waiting, 70, {}, [aPath()]).state.holdings.values()]).toMatchObject([{ group: aPath() }]);
  });
});

describe("a loss that a group prevents", () => {
  test("hands over, in the same commit, to a holding of the group's own: nothing is to be revoked", () => {
    const state = inGroup();
    expect(state.revocations.size).toBe(0);
    expect([...state.ended.keys()]).toEqual([janesKey]);
    expect([...state.holdings.values()]).toMatchObject([
      { ...wholeDirectory, group: aPath(), sources: [], firstSeen: at(62), absence: null },
    ]);
  });

  test("in a narrower scope: the holding is of the scope that the group gives", () => {
    const unit = aState({ holdings: [aHolding({ ...oneUnit })] });
    const { state } = pass(unit, 62, {}, [aPath()]);
    expect([...state.holdings.values()]).toMatchObject([wholeDirectory]);
    expect(state.revocations.size).toBe(0);
  });

  test.each([
    { gives: "another role", path: aPath({ roleDefinitionId: "another" }) },
    { gives: "the role in a narrower scope", path: aPath(oneUnit) },
    { gives: "the role in another app scope", path: aPath({ appScopeId: "/app" }) },
  ])("is none when the group gives $gives", ({ path }) => {
    const { state } = pass(known, 62, {}, [path]);
    expect([...state.revocations.keys()]).toEqual([janesKey]);
    expect(state.holdings.size).toBe(0);
  });

  test("through two groups is one holding: a privilege is held once", () => {
    const second = aPath({ groupId: "9d0c1b2a-0000-4000-8000-000000000010" });
    expect(pass(known, 62, {}, [aPath(), second]).state.holdings.size).toBe(1);
  });
});

describe("an assignment of one's own that ends seconds before the group's", () => {
  const given = pass(known, 29, {}, [aPath()]).state;

  test("is no loss while the group gives the role", () => {
    const { state } = pass(given, 35, {}, [aPath()]);
    expect(state.revocations.size).toBe(0);
    expect([...state.holdings.values()]).toMatchObject([{ group: aPath() }]);
  });

  test("is lost with a second answer after the first in which the group denied it too, and counts from that first one", () => {
    const once = pass(given, 35).state;
    expect(once.revocations.size).toBe(0);
    const gone = [40, 41].map((seconds) => pass(once, seconds).state.revocations);
    expect(gone[0]?.size).toBe(0);
    expect([...(gone[1]?.values() ?? [])]).toMatchObject([{ cutOff: at(35), lastHeld: at(35), foundAt: at(41) }]);
  });
});

describe("a loss that the group's pass has recorded", () => {
  const recorded = (over: Parameters<typeof aRevocation>[0] = {}) =>
    aRevocation({
      key: "via the group",
      cutOff: at(22),
      lastHeld: at(22),
      seenSince: at(0),
      through: { groupId: aPath().groupId, ended: "role" },
      ...over,
    });
  const ended = (revocation: ReturnType<typeof aRevocation>) =>
    [29, 35].reduce(
      (state, seconds) => pass(state, seconds).state,
      aState({ holdings: [aHolding()], revocations: [revocation] }),
    );

  test("leaves the end of the member's own assignment a record of its own, dated by that end alone", () => {
    const { revocations } = ended(recorded());
    expect(revocations.get("via the group")).toEqual(recorded());
    expect(revocations.get(aHolding().key)).toMatchObject({ cutOff: at(29), lastHeld: at(29), progress: pending });
  });

  test.each([
    { name: "of the member's own assignment, if that ended later", over: {}, last: aHolding().key },
    { name: "of it, if both ended in one moment", over: { cutOff: at(29), lastHeld: at(29) }, last: aHolding().key },
    {
      name: "of the group's role, if that ended later",
      over: { cutOff: at(31), lastHeld: at(31) },
      last: "via the group",
    },
  ])("one counts, that $name", ({ over, last }) => {
    const state = ended(recorded(over));
    const counting = [...state.revocations.values()].filter((one) => isStillHeld(one, state, lag) === "no");
    expect(counting.map(({ key }) => key)).toEqual([last]);
  });
});

describe("what a group alone gives", () => {
  test("is read again with each pass, and is held while the group gives it", () => {
    expect(pass(inGroup(), 122, {}, null).needsPaths).toEqual([role]);
    expect([...pass(inGroup(), 122, {}, [aPath()]).state.holdings.values()]).toMatchObject([{ absence: null }]);
  });

  test("needs two answers without it, farther apart while it is new, and is one loss through that group", () => {
    const once = pass(inGroup(), 122).state;
    expect(pass(once, 182).state.revocations.size).toBe(0);
    const gone = pass(once, 183).state;
    expect(gone.holdings.size).toBe(0);
    expect([...gone.revocations.values()]).toMatchObject([
      { cutOff: at(122), planned: false, through: { groupId: aPath().groupId, ended: "either" } },
    ]);
    expect(gone.ended.size).toBe(2);
  });

  test("is lost with one answer at the end of the group's own assignment", () => {
    const gone = pass(inGroup(aPath({ endDateTime: isoAt(90) })), 90).state;
    expect([...gone.revocations.values()]).toMatchObject([
      { planned: true, end: "expired", startDateTime: aPath().startDateTime, endDateTime: isoAt(90), lastHeld: at(90) },
    ]);
  });

  test("has a loss of its own beside one that the group's pass found about then, and one of them counts", () => {
    const through = { groupId: aPath().groupId, ended: "role" } as const;
    const found = aRevocation({
      key: "via the group",
      cutOff: at(122),
      lastHeld: at(122),
      startDateTime: null,
      through,
    });
    const pending: PrincipalState = { ...inGroup(), revocations: new Map([[found.key, found]]) };
    const gone = [122, 183].reduce((state, seconds) => pass(state, seconds).state, pending);
    expect(gone.holdings.size).toBe(0);
    const held = [...gone.revocations.values()].map((one) => isStillHeld(one, gone, lag));
    expect(held.toSorted()).toEqual(["no", "yes"]);
  });

  test("is dated by the groups' own answer, which is given after the principal's", () => {
    const principal = anAnswer(122);
    const paths = { value: [], date: at(125), at: at(125) };
    const { state } = observe(inGroup(), { principal, paths }, "timer", defaultTimings);
    expect([...state.holdings.values()]).toMatchObject([{ absence: { since: at(125) } }]);
  });

  test("hands over to another group that gives the role when it is lost", () => {
    const other = aPath({ groupId: "9d0c1b2a-0000-4000-8000-000000000010" });
    const moved = [122, 183].reduce((state, seconds) => pass(state, seconds, {}, [other]).state, inGroup());
    expect([...moved.holdings.values()]).toMatchObject([{ group: other }]);
    expect(moved.revocations.size).toBe(0);
  });

  test("counts as lost from the first answer in which no other group gives it either", () => {
    const other = aPath({ groupId: "9d0c1b2a-0000-4000-8000-000000000010" });
    const given = pass(inGroup(), 122, {}, [other]).state;
    const gone = [150, 210, 211].reduce((state, seconds) => pass(state, seconds).state, given);
    expect([...gone.revocations.values()]).toMatchObject([{ cutOff: at(150), lastHeld: at(150) }]);
  });

  test("is held by an assignment of one's own as well, and the group is not read then", () => {
    const own = { instances: [activation({ roleAssignmentScheduleId: "own", startDateTime: isoAt(100) })] };
    const both = pass(inGroup(), 122, own, null);
    expect(both.needsPaths).toEqual([]);
    expect(both.state.holdings.size).toBe(1);
  });
});

describe("while the user is not found, whose groups cannot be read", () => {
  const nobody = { user: null };
  const unfound = (times: readonly number[]) =>
    times.reduce((state, seconds) => pass(state, seconds, nobody, null).state, inGroup());

  test("what a group gives stays as it is", () => {
    const { state, needsPaths } = pass(inGroup(), 122, nobody, null);
    expect(needsPaths).toEqual([]);
    expect([...state.holdings.values()]).toMatchObject([{ absence: null }]);
  });

  test("it ends with the user, once 404s for longer than a replica may be wrong show that the user is gone", () => {
    const before = unfound([122, 182]);
    expect([...before.holdings.values()]).toMatchObject([{ absence: null }]);
    const missing = unfound([122, 182, 183]);
    expect([...missing.holdings.values()]).toMatchObject([{ absence: { since: at(183) } }]);
    const gone = unfound([122, 182, 183, 243, 244]);
    expect(gone.holdings.size).toBe(0);
    expect([...gone.revocations.values()]).toMatchObject([{ cutOff: at(183) }]);
  });

  test("a gap between the 404s proves nothing: two lags are not one", () => {
    expect([...unfound([122, 213]).holdings.values()]).toMatchObject([{ absence: null }]);
  });

  test("the list alone shows what a group gives to a principal who is no user", () => {
    const inherited = activation({ assignmentType: "Assigned", memberType: "Inherited" });
    const shown = { user: null, instances: [inherited], directory: [] };
    expect([...pass(known, 62, shown, null).state.holdings.keys()]).toEqual([janesKey]);
    expect(pass(known, 62, shown, null).state.revocations.size).toBe(0);
    expect(pass(known, 62, { ...shown, instances: [] }, null).state.revocations.size).toBe(1);
  });
});

test("a row that a group gives is a source of nothing: it neither holds the role nor keeps it", () => {
  const inherited = activation({ assignmentType: "Assigned", memberType: "Inherited" });
  const shown = { instances: [inherited], directory: [] };
  expect(pass(aState(), 0, shown).state.holdings.size).toBe(0);
  expect([...pass(known, 62, shown).state.revocations.keys()]).toEqual([janesKey]);
});

describe("an activation of one's own beside a group's role", () => {
  const own = (end: number) => ({
    instances: [activation({ roleAssignmentScheduleId: "own", startDateTime: isoAt(79), endDateTime: isoAt(end) })],
  });
  const beside = (path: GroupPath, end: number) =>
    [80, 120, 600].reduce(
      (state, seconds) => pass(state, seconds, own(end), [path]).state,
      pass(known, 62, {}, [path]).state,
    );

  test("is not lost by one denial, though the group's path has ended", () => {
    const path = aPath({ endDateTime: isoAt(90) });
    expect([...pass(beside(path, 3600), 660, {}, []).state.revocations.values()]).toEqual([]);
  });

  test("is lost with one answer at its own end, though the group's path had no end", () => {
    expect([...pass(beside(aPath(), 700), 701, {}, []).state.revocations.values()]).toHaveLength(1);
  });
});
