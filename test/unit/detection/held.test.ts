import { expect, test } from "vitest";
import { isStillHeld } from "../../../shared/detection/still-held.ts";
import type { AccessRevocation } from "../../../shared/model/pending-revocation.ts";
import { admins } from "../../fixtures/group-world.ts";
import {
  absentSince,
  aHolding,
  aRevocation,
  aState,
  at,
  isoAt,
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
  expect(isStillHeld(aRevocation(lost), aState({ holdings }))).toBe(is);
});

test("of a membership only the group can show", () => {
  const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = aRevocation();
  const place: AccessRevocation = {
    ...facts,
    groupId: admins,
    access: "member",
    through: { groupId: admins, ended: "access" },
  };
  expect(isStillHeld(place, aState({ holdings: [aHolding()] }))).toBe("no");
});

test.each([
  { what: "another loss that is still to be settled shows that it went on", began: -100, cutOff: 80, is: "yes" },
  { what: "that began only after it", began: 70, cutOff: 80, is: "no" },
  { what: "that ended no later", began: -100, cutOff: 62, is: "no" },
])("the earlier of two losses of one privilege: $what", ({ began, cutOff, is }) => {
  const lost = aRevocation();
  const other = aRevocation({ key: "other", startDateTime: isoAt(began), cutOff: at(cutOff) });
  expect(isStillHeld(lost, aState({ revocations: [lost, other] }))).toBe(is);
});
