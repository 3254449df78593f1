import { describe, expect, test } from "vitest";
import { lag } from "../../../shared/detection/lag.ts";
import { knownLoss } from "../../../shared/detection/still-held.ts";
import { closedAs, type RoleRevocation } from "../../../shared/model/pending-revocation.ts";
import { aPath, aRevocation, at, isoAt, oneUnit } from "../../fixtures/principal-builders.ts";

const { groupId } = aPath();
/** The member's own pass found that the role is lost, 600 seconds after the start. */
const own = (over: Partial<RoleRevocation> = {}) =>
  aRevocation({ key: "own", cutOff: at(600), through: { groupId, ended: "either" }, ...over });
/** The group's pass found that the group, or the membership, gives the role no more. */
const ofGroup = (ended: "role" | "access", over: Partial<RoleRevocation> = {}) =>
  aRevocation({ key: "group", cutOff: at(600), through: { groupId, ended }, ...over });

const isKnownLoss = (...args: Parameters<typeof knownLoss>) => knownLoss(...args) !== undefined;

/** Whether both are one loss, whichever is found first. */
const areOne = (mine: RoleRevocation, theirs: RoleRevocation, since = 0) => {
  const found = [isKnownLoss(theirs, at(since), [mine], lag), isKnownLoss(mine, at(since), [theirs], lag)];
  expect(found[0]).toBe(found[1]);
  return found[0];
};

describe("the member's own pass and the group's find one loss", () => {
  test.each([
    { name: "in the same second", cutOff: 600, one: true },
    { name: "two minutes after the group", cutOff: 720, one: true },
    { name: "later after the group: held and lost again", cutOff: 721, one: false },
    { name: "two minutes before the group", cutOff: 480, one: true },
    { name: "earlier before the group", cutOff: 479, one: false },
  ])("if the member's is found $name: $one", ({ cutOff, one }) => {
    expect(areOne(own({ cutOff: at(cutOff), startDateTime: null }), ofGroup("role"))).toBe(one);
  });

  test.each([
    { name: "of the very assignment", mine: {}, ended: "role", one: true },
    { name: "of an assignment made again meanwhile", mine: { startDateTime: isoAt(300) }, ended: "role", one: false },
    { name: "of an assignment without a start", mine: { startDateTime: null }, ended: "role", one: false },
    { name: "of a membership, which has no other", mine: { startDateTime: isoAt(300) }, ended: "access", one: true },
  ] as const)("if the group, read late, showed it last before the member's pass found it: $name", (of) => {
    const mine = own({ cutOff: at(450), ...of.mine });
    expect(areOne(mine, ofGroup(of.ended, { shownAt: at(400) }))).toBe(of.one);
  });

  test("but not if the group still showed it after that", () => {
    expect(areOne(own({ cutOff: at(450) }), ofGroup("role", { shownAt: at(460) }))).toBe(false);
  });

  test("of a member who held the role by an assignment of their own last: a privilege is lost once", () => {
    const { through: _, ...mine } = own();
    expect(areOne(mine, ofGroup("access"))).toBe(true);
  });

  test.each([
    { name: "another scope", mine: own(oneUnit) },
    { name: "another role", mine: own({ roleDefinitionId: "another" }) },
    {
      name: "what was still held, which is no loss",
      mine: own({ progress: closedAs("stillHeld", at(601)) }),
    },
  ])("but not of $name", ({ mine }) => {
    expect(isKnownLoss(ofGroup("role"), at(0), [mine], lag)).toBe(false);
  });

  test("but not of what was lost before the privilege was held that way", () => {
    const later = ofGroup("role", { cutOff: at(620) });
    expect(isKnownLoss(later, at(600), [own()], lag)).toBe(true);
    expect(isKnownLoss(later, at(601), [own()], lag)).toBe(false);
  });

  test("also of a user who is first seen in the group when its role has ended: it is not known since when they were in it", () => {
    expect(areOne(own(), ofGroup("role"), 601)).toBe(true);
  });

  test("the passes of two groups find one loss as well", () => {
    const another = ofGroup("role", { key: "another", through: { groupId: "another", ended: "role" } });
    expect(areOne(ofGroup("role"), another)).toBe(true);
    expect(areOne(ofGroup("role"), { ...another, cutOff: at(721) })).toBe(false);
  });
});

describe("a loss that was closed for its age, without a call, after an outage", () => {
  // Both passes come after the outage. What ended last within it was held for long after the announced end of the other.
  const old = { lastHeld: at(-100_000) };
  const late = { lastHeld: at(600) };
  test.each(["stale", "failed"] as const)("is not a later one: %s", (outcome) => {
    const progress = closedAs(outcome, at(601));
    expect(isKnownLoss(ofGroup("role", late), at(-200_000), [own({ ...old, progress })], lag)).toBe(false);
    expect(isKnownLoss(own(late), at(-200_000), [ofGroup("access", { ...old, progress })], lag)).toBe(false);
    const another = ofGroup("role", { ...late, key: "another", through: { groupId: "another", ended: "role" } });
    expect(isKnownLoss(another, at(-200_000), [ofGroup("role", { ...old, progress })], lag)).toBe(false);
  });

  test("is the same as one that ended no later", () => {
    const stale = own({ ...old, progress: closedAs("stale", at(601)) });
    expect(isKnownLoss(ofGroup("role", old), at(-200_000), [stale], lag)).toBe(true);
  });

  test("after a call both are one, whichever ended last", () => {
    const cut = own({ ...old, progress: closedAs("revoked", at(601)) });
    expect(isKnownLoss(ofGroup("role", late), at(-200_000), [cut], lag)).toBe(true);
  });
});

test("two losses that the same pass found are two", () => {
  expect(isKnownLoss(own(), at(0), [own({ key: "another" })], lag)).toBe(false);
  expect(isKnownLoss(ofGroup("role"), at(0), [ofGroup("access")], lag)).toBe(false);
});
