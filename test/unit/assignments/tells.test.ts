import { describe, expect, test } from "vitest";
import { observe } from "../../../shared/assignments/observe.ts";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { names, namesMembersOf, type Tells } from "../../../shared/assignments/tells.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { GroupPath, PrincipalReading } from "../../../shared/graph/graph.ts";
import { activation, directoryRow, userAdministrator } from "../../fixtures/fake-world.ts";
import { anAnswer, anObligation, aPath, aState, at, aWatch } from "../../fixtures/principal-builders.ts";

const { groupId } = aPath();
const ofRole = { kind: "privilege", privilegeId: userAdministrator } as const;
const ofGroup: Tells = { kind: "group", groupId };
const elsewhere = "00000000-0000-4000-8000-00000000000e";
const throughGroup = aWatch({ source: "groupPath", groupId, end: null, listedEnd: null });

test("a watch is named by its role, or by the group that it is held through", () => {
  expect(names(ofRole, aWatch())).toBe(true);
  expect(names({ kind: "privilege", privilegeId: elsewhere }, aWatch())).toBe(false);
  expect(names(ofGroup, throughGroup)).toBe(true);
  expect(names({ kind: "group", groupId: elsewhere }, throughGroup)).toBe(false);
  expect(names(ofGroup, aWatch())).toBe(false);
  expect(names(undefined, aWatch())).toBe(false);
  expect(names(undefined, throughGroup)).toBe(false);
});

test("the members of a group are named by the group alone", () => {
  expect(namesMembersOf(ofGroup, groupId)).toBe(true);
  expect(namesMembersOf(ofGroup, elsewhere)).toBe(false);
  expect(namesMembersOf({ kind: "privilege", privilegeId: groupId }, groupId)).toBe(false);
  expect(namesMembersOf(undefined, groupId)).toBe(false);
});

describe("what Graph told us of", () => {
  const look = (
    state: PrincipalState,
    tells: Tells | undefined,
    shown: Partial<PrincipalReading> = {},
    paths: readonly GroupPath[] = [],
  ) => observe(state, { principal: anAnswer(20, shown), paths }, "audit", defaultTimings, tells).state;
  const watching = aState({ watches: [aWatch()] });

  test("has ended with the first answer that does not show it, from then on", () => {
    const [obligation] = look(watching, ofRole).obligations.values();
    expect(obligation).toMatchObject({ planned: false, cutOff: at(20), foundAt: at(20), foundBy: "audit" });
  });

  test.each([
    { by: "the list", shown: { instances: [activation()] } },
    { by: "the list alone", shown: { instances: [activation()], directory: [] } },
    { by: "the directory alone", shown: { directory: [directoryRow(activation())] } },
  ])("has not ended while $by shows it: nothing replaces an absence", ({ shown }) => {
    const after = look(watching, ofRole, shown);
    expect([after.obligations.size, after.watches.size]).toEqual([0, 1]);
  });

  test("says nothing about another role, which needs its second absence", () => {
    expect(look(watching, { kind: "privilege", privilegeId: elsewhere }).obligations.size).toBe(0);
    expect(look(watching, ofGroup).obligations.size).toBe(0);
  });

  test("does not tell which of two assignments of the role it was", () => {
    const other = aWatch({ key: "other", directoryScopeId: "/administrativeUnits/1" });
    const after = look(aState({ watches: [aWatch(), other] }), ofRole);
    expect([after.obligations.size, after.watches.size]).toEqual([0, 2]);
  });

  test.each([
    { name: "is no end of what was first seen after it", first: -300, word: -310, ended: 0 },
    { name: "is the end of what was seen before it", first: -310, word: -300, ended: 1 },
  ])("$name", ({ first, word, ended }) => {
    const seen = aState({ watches: [aWatch({ firstSeen: at(first) })] });
    expect(look(seen, { ...ofRole, at: at(word) }).obligations.size).toBe(ended);
  });

  test("does not tell the scope: what was first seen minutes ago needs its second absence all the same", () => {
    const young = aState({ watches: [aWatch({ firstSeen: at(-279) })] });
    const after = look(young, { ...ofRole, at: at(10) });
    expect([after.obligations.size, after.watches.size]).toEqual([0, 1]);
    const again = observe(after, { principal: anAnswer(81), paths: [] }, "audit", defaultTimings, ofRole).state;
    expect(again.obligations.size).toBe(1);
  });

  test("may be a late copy of an end that was found lately", () => {
    const closed = anObligation({ key: "earlier", cutOff: at(-60) });
    const again = look(aState({ watches: [aWatch()], obligations: [closed] }), ofRole);
    expect(again.watches.size).toBe(1);
    const longAgo = anObligation({ key: "earlier", cutOff: at(-3600) });
    expect(look(aState({ watches: [aWatch()], obligations: [longAgo] }), ofRole).watches.size).toBe(0);
  });

  test("ends what is held through the group, unless the group still gives it", () => {
    const inGroup = aState({ watches: [throughGroup] });
    expect(look(inGroup, ofGroup).obligations.size).toBe(1);
    expect(look(inGroup, ofGroup, {}, [aPath()]).obligations.size).toBe(0);
    expect(look(inGroup, undefined).obligations.size).toBe(0);
  });
});
