import { expect, test } from "vitest";
import { lag } from "../../../shared/detection/lag.ts";
import { isStillHeld } from "../../../shared/detection/still-held.ts";
import { type AccessRevocation, closedAs, type RoleRevocation } from "../../../shared/model/pending-revocation.ts";
import { admins } from "../../fixtures/group-world.ts";
import {
  absentSince,
  aHolding,
  anEnded,
  aRevocation,
  aState,
  at,
  oneUnit,
  wholeDirectory,
} from "../../fixtures/principal-builders.ts";

const byGroup = { groupId: admins, startDateTime: null, endDateTime: null, roleAssignmentScheduleId: "" };
const denied = { absence: absentSince(at(61)) };
const appScope = { ...wholeDirectory, appScopeId: "/an-app" };

test.each([
  { what: "nothing is held", lost: wholeDirectory, held: [], is: "no" },
  { what: "another role is held", lost: wholeDirectory, held: [{ roleDefinitionId: "another" }], is: "no" },
  { what: "only a narrower scope is held", lost: wholeDirectory, held: [oneUnit], is: "no" },
  {
    what: "another scope is held",
    lost: oneUnit,
    held: [{ ...oneUnit, directoryScopeId: "/administrativeUnits/other" }],
    is: "no",
  },
  { what: "the same scope is held", lost: oneUnit, held: [oneUnit], is: "yes" },
  { what: "a wider scope is held", lost: oneUnit, held: [wholeDirectory], is: "yes" },
  { what: "an app scope is held", lost: appScope, held: [appScope], is: "yes" },
  { what: "a group gives it", lost: wholeDirectory, held: [{ sources: [], group: byGroup }], is: "yes" },
  { what: "it is being denied", lost: wholeDirectory, held: [denied], is: "doubtful" },
  { what: "a wider one is being denied", lost: oneUnit, held: [{ ...wholeDirectory, ...denied }], is: "doubtful" },
  {
    what: "one is denied beside another that is shown",
    lost: oneUnit,
    held: [{ ...oneUnit, ...denied }, wholeDirectory],
    is: "yes",
  },
])("$is: $what", ({ lost, held, is }) => {
  const holdings = held.map((over, n) => aHolding({ key: `holding ${n}`, ...over }));
  expect(isStillHeld(aRevocation(lost), aState({ holdings }), lag)).toBe(is);
});

test("of a membership only the group can show", () => {
  const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = aRevocation();
  const place: AccessRevocation = {
    ...facts,
    groupId: admins,
    access: "member",
    through: { groupId: admins, ended: "access" },
  };
  expect(isStillHeld(place, aState({ holdings: [aHolding()] }), lag)).toBe("no");
});

const held = (seenSince: number, lastHeld: number, over: Partial<RoleRevocation> = {}) =>
  aRevocation({ seenSince: at(seenSince), lastHeld: at(lastHeld), cutOff: at(lastHeld), ...over });
const settled = { progress: closedAs("revoked", at(81)) };

test.each([
  { what: "it was held longer by what was seen before this loss", other: held(62, 80), is: "yes" },
  { what: "it was seen only after this loss", other: held(63, 80), is: "no" },
  { what: "it was seen only when it had ended", other: held(80, 80), is: "yes" },
  { what: "it ended earlier", other: held(-100, 61), is: "no" },
  { what: "PIM was late to end it", other: held(-100, 61, { cutOff: at(90) }), is: "yes" },
  { what: "it ended long before an outage hid that", other: held(-900, -300, { cutOff: at(90) }), is: "no" },
  { what: "it is settled: it does not wait for this one", other: held(-100, 80, settled), is: "no" },
  { what: "it is of another role", other: held(-100, 80, { roleDefinitionId: "another" }), is: "no" },
  { what: "it is of a wider scope: each has a record", lost: oneUnit, other: held(-100, 80), is: "no" },
])("of two losses of one privilege the last one counts: $is, if of the other $what", ({ lost, other, is }) => {
  const loss = held(-200, 62, lost);
  const revocations = [loss, { ...other, key: "via the group" }];
  expect(isStillHeld(loss, aState({ revocations }), lag)).toBe(is);
});

test.each([
  { what: "the one of the member's own", ended: [anEnded({ firstSeen: at(62), sources: [] })], one: true },
  { what: "the one of the member's own, by its start", ended: [anEnded({ firstSeen: at(99) })], one: true },
  { what: "both, if their own began later", ended: [anEnded({ firstSeen: at(63), sources: [] })], one: false },
  { what: "the one of the member's own, though nobody knows when it began", ended: [], one: true },
])("of two losses at one moment counts $what", ({ ended, one }) => {
  const { seenSince: _, ...own } = held(0, 62);
  const ofGroup = held(70, 62, { key: "via the group" });
  const state = aState({ revocations: [own, ofGroup], ended });
  expect(isStillHeld(ofGroup, state, lag)).toBe(one ? "yes" : "no");
  expect(isStillHeld(own, state, lag)).toBe("no");
});
