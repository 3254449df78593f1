import { expect, it } from "vitest";
import { endAccess, endRoles, endsSince, toRevocation } from "../../../shared/detection/group-losses.ts";
import type { Member } from "../../../shared/model/principal.ts";
import { aHolding, anEnded, aRevocation, aState, at } from "../../fixtures/principal-builders.ts";

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

it("a role that came after they were first missed was never theirs: they lose their membership", () => {
  expect(endsOf(leaver({ carried: [] }))).toMatchObject([{ access: "member", cutOff: at(20) }]);
});

it("a role that ended meanwhile was fanned out with its own end", () => {
  expect(endsOf(leaver(), [])).toEqual([]);
});

it("an end says when the group's own answers last showed the member", () => {
  const absence = { since: at(20), last: at(26), sessionsValidFrom: null, after: at(-9000) };
  expect(endsOf(leaver({ absence }))).toMatchObject([{ cutOff: at(20), shownAt: at(-9000) }]);
  expect(endsOf(leaver({ absence, access: "owner" }))).toMatchObject([{ shownAt: at(-9000) }]);
  expect(endsOf(leaver())[0]).not.toHaveProperty("shownAt");
});

it("an owner loses the ownership, whatever the group holds", () => {
  expect(endsOf(leaver({ access: "owner" }))).toMatchObject([{ access: "owner" }]);
});

it("an end says since when the role was seen, so that the member's revocation knows since when both were", () => {
  const [end, ...more] = endsOf(leaver({ firstSeen: at(-60) }), [aHolding({ firstSeen: at(-30) })]);
  if (end === undefined || more.length > 0) throw new Error("One role ended.");
  expect(toRevocation(end, leaver({ firstSeen: at(-60) })).seenSince).toBe(at(-30));
  expect(toRevocation(end, leaver({ firstSeen: at(-20) })).seenSince).toBe(at(-20));
  const ended = { ...anEnded({ firstSeen: at(-30) }), key: aRevocation().key };
  const { fanouts } = endRoles(aState({ ended: [ended], revocations: [aRevocation()] }), at(62));
  expect([...fanouts.values()].flatMap(({ ends }) => ends)).toMatchObject([{ seenSince: at(-30) }]);
});

const stays = { absence: null, carried: [] };
const wentAt = (seconds: number) => ({ ...stays, left: { at: at(seconds), shownSince: null } });
const heldOtherwise = aRevocation({
  progress: {
    state: "closed",
    outcome: "stillHeld",
    closedAt: at(62),
    acceptedAt: null,
    verified: false,
    detail: null,
  },
});

it.each([
  { what: "a role that ended", ended: [anEnded()], member: stays, ends: ["role"] },
  {
    what: "nothing that ended before they were seen",
    ended: [anEnded()],
    member: { ...stays, firstSeen: at(63) },
    ends: [],
  },
  { what: "nothing that ended after they had left", ended: [anEnded()], member: wentAt(50), ends: ["access"] },
  { what: "no role as an owner", ended: [anEnded()], member: { ...stays, access: "owner" as const }, ends: [] },
  { what: "no role that ended too long ago", ended: [anEnded({ endedAt: at(-1) })], member: stays, ends: [] },
  {
    what: "no role that the group held another way",
    ended: [anEnded()],
    revocations: [heldOtherwise],
    member: stays,
    ends: [],
  },
  { what: "the membership", holdings: [aHolding()], member: wentAt(50), ends: ["access"] },
  {
    what: "the role first, then the membership without it",
    ended: [anEnded()],
    member: wentAt(70),
    ends: ["role", "access"],
  },
  { what: "no membership that ended too long ago", holdings: [aHolding()], member: wentAt(-1), ends: [] },
  {
    what: "no role that the group got later",
    holdings: [aHolding({ firstSeen: at(51) })],
    member: wentAt(50),
    ends: ["access"],
    without: true,
  },
])("the group's rows show again that a member lost $what", ({ member, ends, without = false, ...parts }) => {
  const found = endsSince(aState(parts), leaver(member), at(0));
  expect(found.map(({ through }) => through.ended)).toEqual(ends);
  expect(found.every(({ cutOff }) => cutOff > at(0))).toBe(true);
  if (without) expect(found).toMatchObject([{ access: "member" }]);
});

it("what the group's rows show again has the key, the end and the cut-off of the fan-out", () => {
  const { fanouts } = endRoles(aState({ ended: [anEnded()], revocations: [aRevocation()] }), at(62));
  const [first] = [...fanouts.values()].flatMap(({ ends }) => ends);
  expect(endsSince(aState({ ended: [anEnded()] }), leaver(stays), at(0))).toEqual([{ ...first, foundBy: "audit" }]);
});
