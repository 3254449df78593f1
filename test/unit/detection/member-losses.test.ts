import { describe, expect, it } from "vitest";
import { addLosses, toRevocation } from "../../../shared/detection/group-losses.ts";
import { lag } from "../../../shared/detection/lag.ts";
import {
  closedAs,
  isRole,
  type PendingRevocation,
  pending,
  type RoleRevocation,
} from "../../../shared/model/pending-revocation.ts";
import { type GroupEnd, summarized } from "../../../shared/model/principal.ts";
import { admins, others } from "../../fixtures/group-world.ts";
import { aHolding, aRevocation, aState, at, isoAt, oneUnit } from "../../fixtures/principal-builders.ts";

const member = { access: "member", firstSeen: at(-3600) } as const;

/** What the group found: the membership ended, `foundAt` seconds after the start. */
function leftGroup(foundAt: number, over: Pick<PendingRevocation, "shownAt"> = {}): RoleRevocation {
  const { progress: _, sessionsValidFromBefore: __, ...facts } = aRevocation();
  const end: GroupEnd = {
    ...facts,
    planned: false,
    cutOff: at(foundAt),
    through: { groupId: admins, ended: "access" },
    ...over,
  };
  const revocation = toRevocation(end, member);
  if (!isRole(revocation)) throw new Error("It is the end of a role.");
  return revocation;
}

/** What the group found: the role that it gave the member ended. */
function roleEnded(foundAt: number, over: Partial<RoleRevocation>): PendingRevocation {
  const { progress: _, sessionsValidFromBefore: __, ...facts } = aRevocation({ cutOff: at(foundAt), ...over });
  return toRevocation({ ...facts, through: { groupId: admins, ended: "role" } }, member);
}

/** The loss that the member's own pass found at that time: a role held through the group. */
const ownEnd = (foundAt: number): PendingRevocation =>
  aRevocation({ key: "own", cutOff: at(foundAt), through: { groupId: admins, ended: "either" } });

const lossBeside = (known: PendingRevocation, revocation: PendingRevocation): boolean => {
  const state = { ...aState(), revocations: new Map([[known.key, known]]) };
  return addLosses(state, [revocation], at(0), lag).revocations.has(revocation.key);
};

describe("an end that the member's own pass has found", () => {
  it("is the same when the group finds it within two minutes", () => {
    expect(lossBeside(ownEnd(0), leftGroup(120))).toBe(false);
    expect(lossBeside(ownEnd(120), leftGroup(0))).toBe(false);
    expect(lossBeside(ownEnd(0), leftGroup(121))).toBe(true);
    expect(lossBeside(ownEnd(121), leftGroup(0))).toBe(true);
  });

  it("is the same however late the group finds it, when the group was not read in between: after a day's outage, say", () => {
    expect(lossBeside(ownEnd(0), leftGroup(100_000, { shownAt: at(-1) }))).toBe(false);
    expect(lossBeside(ownEnd(0), leftGroup(100_000, { shownAt: at(0) }))).toBe(false);
  });

  it("is another when the group showed the member again after it", () => {
    expect(lossBeside(ownEnd(0), leftGroup(100_000, { shownAt: at(1) }))).toBe(true);
  });

  it("is the same when the very role of the group ended, however late the group finds it", () => {
    expect(lossBeside(ownEnd(0), roleEnded(100_000, { shownAt: at(-1) }))).toBe(false);
    expect(lossBeside(ownEnd(0), roleEnded(100_000, { shownAt: at(1) }))).toBe(true);
    expect(lossBeside(ownEnd(0), roleEnded(100_000, {}))).toBe(true);
  });

  it.each([isoAt(-10), null])(
    "is another when the group's role began anew meanwhile, or may have: start %s",
    (start) => {
      const again = roleEnded(100_000, { shownAt: at(-1), startDateTime: start });
      expect(lossBeside({ ...ownEnd(0), startDateTime: start === null ? null : isoAt(-60) }, again)).toBe(true);
    },
  );

  it("is the same whatever gave the role last: a privilege is lost once", () => {
    const progress = closedAs("revoked", at(1));
    const elsewhere = { groupId: "9d0c1b2a-0000-4000-8000-00000000000b", ended: "either" } as const;
    expect(lossBeside({ ...ownEnd(0), through: elsewhere, progress }, leftGroup(0))).toBe(false);
    expect(lossBeside(aRevocation({ key: "direct", cutOff: at(0), progress }), leftGroup(0))).toBe(false);
  });

  it("is another when the role was still held after it, when it is of another role or scope, or of no role", () => {
    const stillHeld = {
      state: "closed",
      outcome: "stillHeld",
      closedAt: at(1),
      acceptedAt: null,
      verified: false,
      detail: null,
    } as const;
    expect(lossBeside({ ...ownEnd(0), progress: stillHeld }, leftGroup(0))).toBe(true);
    expect(lossBeside({ ...ownEnd(0), progress: { ...stillHeld, outcome: "revoked" } }, leftGroup(0))).toBe(false);
    expect(lossBeside(aRevocation({ ...oneUnit, key: "own", cutOff: at(0) }), leftGroup(0))).toBe(true);
    expect(lossBeside({ ...aRevocation({ cutOff: at(0) }), roleDefinitionId: "another" }, leftGroup(0))).toBe(true);
    const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = leftGroup(0);
    const place = {
      ...facts,
      groupId: admins,
      access: "member",
      through: { groupId: admins, ended: "access" },
    } as const;
    expect(lossBeside(ownEnd(0), place)).toBe(true);
  });
});

it("is another when the member's own was closed for its age without a call, and the group gave the role for longer", () => {
  const stale = { key: "direct", cutOff: at(0), lastHeld: at(-100_000), progress: closedAs("stale", at(1)) };
  expect(lossBeside(aRevocation(stale), leftGroup(0))).toBe(true);
  const found = { ...stale, lastHeld: at(-120) };
  expect(lossBeside(aRevocation(found), leftGroup(0)), "a loss that was found when it came").toBe(false);
});

it("has a record of its own while another one waits for its call, and the holding that began meanwhile stays", () => {
  const own = aRevocation({ key: "direct", cutOff: at(0), lastHeld: at(-100_000) });
  const again = aHolding({ key: "again", firstSeen: at(1) });
  const once = addLosses(aState({ holdings: [again], revocations: [own] }), [leftGroup(20)], at(25), lag);
  expect([...once.revocations.values()]).toEqual([own, leftGroup(20)]);
  expect([...once.holdings.keys()]).toEqual(["again"]);
  expect(addLosses(once, [leftGroup(20)], at(25), lag)).toBe(once);
});

it("a revocation that is fanned out twice is added once, and keeps its progress", () => {
  const revocation = leftGroup(0);
  const once = addLosses(aState(), [revocation], at(5), lag);
  expect(summarized(once).head).toMatchObject({ wakeAt: at(5), openSince: revocation.foundAt });
  expect([...once.revocations.values()]).toEqual([{ ...revocation, progress: pending }]);
  expect(addLosses(once, [revocation], at(9), lag)).toBe(once);
});

it("the path that the member held the role by ends with it, as an ended holding; what others give stays", () => {
  const path = { groupId: admins, startDateTime: null, endDateTime: null, roleAssignmentScheduleId: "" };
  const own = aHolding({ key: "own", ...oneUnit });
  const through = aHolding({ key: "path", sources: [], group: path });
  const other = aHolding({ key: "other", sources: [], group: { ...path, groupId: others } });
  const state = addLosses(aState({ holdings: [own, through, other] }), [leftGroup(20)], at(25), lag);
  expect([...state.holdings.keys()]).toEqual(["own", "other"]);
  expect([...state.ended.values()]).toMatchObject([{ key: "path", endedAt: at(20), cutOff: at(20), rule: "group" }]);
});
