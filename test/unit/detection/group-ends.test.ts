import { expect, it } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import {
  endAccess,
  endReportedAccess,
  endRoles,
  endsSince,
  toRevocation,
} from "../../../shared/detection/group-losses.ts";
import { lag } from "../../../shared/detection/lag.ts";
import type { EndedHolding, Holding } from "../../../shared/model/holding.ts";
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
  overdueRaised: false,
  left: null,
  ...over,
});
const endsOf = (member: Member, roles = [aHolding()], ended: readonly EndedHolding[] = []) =>
  endAccess(aState({ ended }), [member], roles, at(26), "resync").flatMap(({ ends }) => ends);

it("a member who leaves loses the role that the group held when they were last seen", () => {
  expect(endsOf(leaver())).toMatchObject([{ roleDefinitionId: aHolding().roleDefinitionId, key: aHolding().key }]);
});

it("a role that came after they were last seen was never theirs: they lose their membership", () => {
  const from = (seconds: number) => [aHolding({ firstSeen: at(seconds), sources: [] })];
  expect(endsOf(leaver(), from(21))).toMatchObject([{ access: "member", cutOff: at(20) }]);
  const absence = { since: at(20), last: at(26), sessionsValidFrom: null, after: at(10) };
  expect(endsOf(leaver({ absence }), from(11))).toMatchObject([{ access: "member", cutOff: at(20) }]);
  expect(endsOf(leaver({ absence }), from(10))).toMatchObject([{ key: aHolding().key }]);
});

it("a role that ended after they were last seen was fanned out with its own end; one that ended before never was theirs", () => {
  const seen = leaver({ absence: { since: at(22), last: at(28), sessionsValidFrom: null, after: at(20) } });
  expect(endsOf(seen, [], [anEnded({ cutOff: at(20) })])).toEqual([]);
  const anew = aHolding({ key: "anew", firstSeen: at(21), sources: [] });
  expect(endsOf(seen, [anew], [anEnded({ cutOff: at(20) })]), "extended").toMatchObject([{ key: "anew" }]);
  expect(endsOf(seen, [], [anEnded({ cutOff: at(19) })])).toMatchObject([{ access: "member" }]);
  expect(endsOf(seen, [], [anEnded({ firstSeen: at(21), sources: [] })])).toMatchObject([{ access: "member" }]);
});

it("who joined and left between two readings loses what the group holds; what has ended was not fanned out to them", () => {
  const { principalId } = leaver();
  const end = { kind: "access", reportedBy: "directory", key: "end", principalId, access: "member" } as const;
  const lostBy = (roles: readonly Holding[], at: number) => {
    const audited = [{ ...end, at, foundAt: at }];
    const state = aState({ ended: [anEnded({ cutOff: at })] });
    const { fanouts } = endReportedAccess(state, audited, roles, at, defaultTimings);
    return [...fanouts.values()].flatMap(({ ends }) => ends);
  };
  const role = aHolding({ key: "role", firstSeen: at(20), sources: [] });
  expect(lostBy([role], at(20))).toMatchObject([{ key: "role", cutOff: at(20) }]);
  expect(lostBy([role], at(19))).toMatchObject([{ access: "member", cutOff: at(19) }]);
  expect(lostBy([], at(20))).toMatchObject([{ access: "member", cutOff: at(20) }]);
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
  const { fanouts } = endRoles(aState({ ended: [ended], revocations: [aRevocation()] }), at(62), lag);
  expect([...fanouts.values()].flatMap(({ ends }) => ends)).toMatchObject([{ seenSince: at(-30) }]);
});

const stays = { absence: null };
const wentAt = (seconds: number) => ({
  absence: { since: at(seconds), last: at(seconds), sessionsValidFrom: null },
  left: { at: at(seconds), shownSince: null },
});
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
    holdings: [aHolding({ firstSeen: at(51), sources: [] })],
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
  const { fanouts } = endRoles(aState({ ended: [anEnded()], revocations: [aRevocation()] }), at(62), lag);
  const [first] = [...fanouts.values()].flatMap(({ ends }) => ends);
  expect(endsSince(aState({ ended: [anEnded()] }), leaver(stays), at(0))).toEqual([{ ...first, foundBy: "audit" }]);
});
