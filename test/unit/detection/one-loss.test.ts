import { describe, expect, test } from "vitest";
import { lag } from "../../../shared/detection/lag.ts";
import { isRecorded } from "../../../shared/detection/still-held.ts";
import { closedAs, type Progress, type RoleRevocation } from "../../../shared/model/pending-revocation.ts";
import {
  anAttempt,
  anEnded,
  aPath,
  aRevocation,
  aState,
  at,
  isoAt,
  oneUnit,
} from "../../fixtures/principal-builders.ts";

const { groupId } = aPath();
const revoked = closedAs("revoked", at(601));
const accepted: Progress = { state: "accepted", acceptedAt: at(601) };
/** An end that nobody announced. */
const unplanned = (over: Partial<RoleRevocation>) => {
  const { cutOff = at(600) } = over;
  return aRevocation({ planned: false, cutOff, lastHeld: cutOff, ...over });
};
/** The member's own pass found that the role is lost, 600 seconds after the start, and the sessions were cut. */
const own = (over: Partial<RoleRevocation> = {}) =>
  unplanned({ key: "own", through: { groupId, ended: "either" }, progress: revoked, ...over });
/** The group's pass found that the group, or the membership, gives the role no more. */
const ofGroup = (ended: "role" | "access", over: Partial<RoleRevocation> = {}) =>
  unplanned({ key: "via", through: { groupId, ended }, ...over });
/** The pass of another group found that, and the sessions were cut. */
const ofAnother = (over: Partial<RoleRevocation> = {}) =>
  ofGroup("role", { key: "via another", through: { groupId: "another", ended: "role" }, progress: revoked, ...over });

/** Whether what the group found is the loss that the record is of. */
const isKnown = (found: RoleRevocation, known: RoleRevocation) =>
  isRecorded(found, aState({ revocations: [known] }), lag);

describe("the member's own pass and the group's find one loss", () => {
  test.each([
    { name: "in the same second", cutOff: 600, one: true },
    { name: "two minutes after the group", cutOff: 720, one: true },
    { name: "later after the group: held and lost again", cutOff: 721, one: false },
    { name: "two minutes before the group", cutOff: 480, one: true },
    { name: "earlier before the group", cutOff: 479, one: false },
  ])("if the member's is found $name: $one", ({ cutOff, one }) => {
    expect(isKnown(ofGroup("role"), own({ cutOff: at(cutOff), startDateTime: null }))).toBe(one);
  });

  test.each([
    { name: "of the very assignment", mine: {}, ended: "role", one: true },
    { name: "of an assignment made again meanwhile", mine: { startDateTime: isoAt(300) }, ended: "role", one: false },
    { name: "of an assignment without a start", mine: { startDateTime: null }, ended: "role", one: false },
    { name: "of a membership, which has no other", mine: { startDateTime: isoAt(300) }, ended: "access", one: true },
  ] as const)("if the group, read late, showed it last before the member's pass found it: $name", (of) => {
    const mine = own({ cutOff: at(450), ...of.mine });
    expect(isKnown(ofGroup(of.ended, { shownAt: at(400) }), mine)).toBe(of.one);
  });

  test("if the group, read late, had announced the end before that", () => {
    const late = { planned: true, cutOff: at(800), shownAt: at(700) };
    expect(isKnown(ofGroup("role", { ...late, lastHeld: at(600) }), own())).toBe(true);
    expect(isKnown(ofGroup("role", { ...late, lastHeld: at(601) }), own())).toBe(false);
  });

  test.each([
    { name: "before that", firstSeen: 600, one: true },
    { name: "after that", firstSeen: 601, one: false },
  ])("however much later, if an assignment of their own went on that began $name: $one", ({ firstSeen, one }) => {
    const { through: _, ...mine } = own({ cutOff: at(9000) });
    const ended = [anEnded({ key: mine.key, firstSeen: at(firstSeen), sources: [] })];
    expect(isRecorded(ofGroup("access"), aState({ revocations: [mine], ended }), lag)).toBe(one);
  });

  test("but not if the group still showed it after that", () => {
    expect(isKnown(ofGroup("role", { shownAt: at(460) }), own({ cutOff: at(450) }))).toBe(false);
  });

  test("of a member who held the role by an assignment of their own last: a privilege is lost once", () => {
    const { through: _, ...mine } = own();
    expect(isKnown(ofGroup("access"), mine)).toBe(true);
  });

  test.each([
    { name: "another scope", mine: own(oneUnit) },
    { name: "another role", mine: own({ roleDefinitionId: "another" }) },
    { name: "what was still held, which is no loss", mine: own({ progress: closedAs("stillHeld", at(601)) }) },
  ])("but not of $name", ({ mine }) => {
    expect(isKnown(ofGroup("role"), mine)).toBe(false);
  });

  test("but not of what was lost before the privilege was held that way", () => {
    expect(isKnown(ofGroup("role", { cutOff: at(620), seenSince: at(600) }), own())).toBe(true);
    expect(isKnown(ofGroup("role", { cutOff: at(620), seenSince: at(601) }), own())).toBe(false);
  });

  test("also of a user who is first seen in the group when its role has ended: it is not known since when they were in it", () => {
    expect(isKnown(ofGroup("role", { seenSince: at(601) }), own({ cutOff: at(599) }))).toBe(true);
  });

  test("the passes of two groups find one loss as well", () => {
    expect(isKnown(ofGroup("role"), ofAnother())).toBe(true);
    expect(isKnown(ofGroup("role"), ofAnother({ cutOff: at(479) }))).toBe(false);
  });
});

describe("a loss whose call is still to come", () => {
  const waits = { progress: { state: "pending", notBefore: null, heldBy: null } } as const;
  test("is the same if it is of this group's path", () => {
    expect(isKnown(ofGroup("role"), own(waits))).toBe(true);
  });

  test("leaves this one a record of its own if something else gave the role: the last one will count", () => {
    const { through: _, ...direct } = own(waits);
    expect(isKnown(ofGroup("role"), direct)).toBe(false);
    expect(isKnown(ofGroup("role"), ofAnother(waits))).toBe(false);
    expect(isKnown(ofGroup("role"), { ...direct, progress: accepted })).toBe(true);
    expect(isKnown(ofGroup("role"), ofAnother({ progress: accepted }))).toBe(true);
  });

  test.each([
    { name: "is under way", attempt: { state: "open" }, one: true },
    { name: "may have been applied", attempt: { state: "uncertain" }, one: true },
    { name: "was refused", attempt: { state: "refused" }, one: false },
    { name: "is under way for another loss", attempt: { state: "open", covers: ["another"] }, one: false },
  ] as const)("is the same where that call $name: $one", ({ attempt, one }) => {
    const { through: _, ...direct } = own(waits);
    const state = aState({ revocations: [direct], attempt: anAttempt({ covers: [direct.key], ...attempt }) });
    expect(isRecorded(ofGroup("role"), state, lag)).toBe(one);
  });
});

describe("a loss that was closed for its age, without a call, after an outage", () => {
  // Both passes come after the outage. What ended last within it was held for long after the announced end of the other.
  const old = { lastHeld: at(-100_000) };
  const late = { lastHeld: at(600) };
  test.each(["stale", "failed"] as const)("is not a later one: %s", (outcome) => {
    const progress = closedAs(outcome, at(601));
    expect(isKnown(ofGroup("role", late), own({ ...old, progress }))).toBe(false);
    expect(isKnown(ofGroup("role", late), ofAnother({ ...old, progress }))).toBe(false);
  });

  test("is the same as one that ended no later", () => {
    expect(isKnown(ofGroup("role", old), own({ ...old, progress: closedAs("stale", at(601)) }))).toBe(true);
  });

  test("after a call both are one, whichever ended last", () => {
    expect(isKnown(ofGroup("role", late), own(old))).toBe(true);
  });
});

test("two losses that the same group's passes found are two", () => {
  expect(isKnown(ofGroup("role"), ofGroup("access", { key: "via earlier", progress: revoked }))).toBe(false);
});
