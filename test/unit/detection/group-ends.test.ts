import { expect, it } from "vitest";
import { endAccess } from "../../../shared/detection/group-losses.ts";
import type { Member } from "../../../shared/model/group.ts";
import { aHolding, aState, at } from "../../fixtures/principal-builders.ts";

const leaver = (over: Partial<Member> = {}): Member => ({
  principalId: "a0000000-0000-4000-8000-000000000001",
  access: "member",
  chunk: 0,
  scheduleId: null,
  start: null,
  end: null,
  listedEnd: null,
  firstSeen: at(-3600),
  absence: { since: at(20), last: at(26), sessionsValidFrom: null },
  carried: [aHolding().key],
  overdueRaised: false,
  left: null,
  ...over,
});
const endsOf = (member: Member, roles = [aHolding()]) =>
  [...endAccess(aState(), [member], roles, at(26), "resync").fanouts.values()].flatMap(({ ends }) => ends);

it("a member who leaves loses the role that the group carried when they were first missed", () => {
  expect(endsOf(leaver())).toMatchObject([{ roleDefinitionId: aHolding().roleDefinitionId, key: aHolding().key }]);
});

it("a role that came after they were first missed was never theirs: they lose their place in the group", () => {
  expect(endsOf(leaver({ carried: [] }))).toMatchObject([{ access: "member", cutOff: at(20) }]);
});

it("a role that ended meanwhile was passed on with its own end", () => {
  expect(endsOf(leaver(), [])).toEqual([]);
});

it("what ends tells when the group's own answers last showed the member", () => {
  const absence = { since: at(20), last: at(26), sessionsValidFrom: null, after: at(-9000) };
  expect(endsOf(leaver({ absence }))).toMatchObject([{ cutOff: at(20), shownAt: at(-9000) }]);
  expect(endsOf(leaver({ absence, access: "owner" }))).toMatchObject([{ shownAt: at(-9000) }]);
  expect(endsOf(leaver())[0]).not.toHaveProperty("shownAt");
});

it("an owner loses the ownership, whatever the group holds", () => {
  expect(endsOf(leaver({ access: "owner" }))).toMatchObject([{ access: "owner" }]);
});
