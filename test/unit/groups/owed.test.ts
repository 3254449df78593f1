import { describe, expect, it } from "vitest";
import type { GroupEnd } from "../../../shared/groups/group-state.ts";
import { addOwed, toObligation } from "../../../shared/groups/owed.ts";
import { isRole, type Obligation, pending, type RoleObligation } from "../../../shared/revocation/obligation.ts";
import { rowKey } from "../../../shared/storage/document-keys.ts";
import { admins } from "../../fixtures/group-world.ts";
import { anObligation, aState, at, isoAt } from "../../fixtures/principal-builders.ts";

const member = { access: "member", firstSeen: at(-3600) } as const;

/** What the group found: the member's place in it ended, `foundAt` seconds after the start. */
function leftGroup(foundAt: number, over: Pick<Obligation, "shownAt"> = {}): Obligation {
  const { progress: _, sessionsValidFromBefore: __, ...facts } = anObligation();
  const end: GroupEnd = {
    ...facts,
    planned: false,
    cutOff: at(foundAt),
    through: { groupId: admins, ended: "access" },
    ...over,
  };
  return toObligation(end, member);
}

/** What the group found: the role that it gave the member ended. */
function roleEnded(foundAt: number, over: Partial<RoleObligation>): Obligation {
  const { progress: _, sessionsValidFromBefore: __, ...facts } = anObligation({ cutOff: at(foundAt), ...over });
  return toObligation({ ...facts, through: { groupId: admins, ended: "role" } }, member);
}

/** What the member's own look found at that time: a role that they held through the group is theirs no more. */
const ownEnd = (foundAt: number): Obligation =>
  anObligation({ key: "own", cutOff: at(foundAt), through: { groupId: admins, ended: "either" } });

const owedBeside = (known: Obligation, owed: Obligation): boolean => {
  const state = { ...aState(), obligations: new Map([[known.key, known]]) };
  return addOwed(state, [owed], at(0)).obligations.has(owed.key);
};

describe("an end that the member's own look has found", () => {
  it("is the same when the group finds it within two minutes", () => {
    expect(owedBeside(ownEnd(0), leftGroup(120))).toBe(false);
    expect(owedBeside(ownEnd(120), leftGroup(0))).toBe(false);
    expect(owedBeside(ownEnd(0), leftGroup(121))).toBe(true);
    expect(owedBeside(ownEnd(121), leftGroup(0))).toBe(true);
  });

  it("is the same however late the group finds it, when the group was not read in between: after a day's outage, say", () => {
    expect(owedBeside(ownEnd(0), leftGroup(100_000, { shownAt: at(-1) }))).toBe(false);
    expect(owedBeside(ownEnd(0), leftGroup(100_000, { shownAt: at(0) }))).toBe(false);
  });

  it("is another when the group showed the member again after it", () => {
    expect(owedBeside(ownEnd(0), leftGroup(100_000, { shownAt: at(1) }))).toBe(true);
  });

  it("is the same when the very role of the group ended, however late the group finds it", () => {
    expect(owedBeside(ownEnd(0), roleEnded(100_000, { shownAt: at(-1) }))).toBe(false);
    expect(owedBeside(ownEnd(0), roleEnded(100_000, { shownAt: at(1) }))).toBe(true);
    expect(owedBeside(ownEnd(0), roleEnded(100_000, {}))).toBe(true);
  });

  it.each([isoAt(-10), null])(
    "is another when the group's role began anew meanwhile, or may have: start %s",
    (start) => {
      const again = roleEnded(100_000, { shownAt: at(-1), startDateTime: start });
      expect(owedBeside({ ...ownEnd(0), startDateTime: start === null ? null : isoAt(-60) }, again)).toBe(true);
    },
  );

  it("is another when it is about another group, or no role", () => {
    const elsewhere = { groupId: "9d0c1b2a-0000-4000-8000-00000000000b", ended: "either" } as const;
    expect(owedBeside({ ...ownEnd(0), through: elsewhere }, leftGroup(0))).toBe(true);
    expect(isRole(leftGroup(0))).toBe(true);
    expect(owedBeside(anObligation({ key: "direct" }), leftGroup(0))).toBe(true);
  });

  it("is the same when a row of the list told it that does not say by which group", () => {
    const told = anObligation({ key: rowKey("inherited", "role"), cutOff: at(0) });
    expect(owedBeside(told, leftGroup(120))).toBe(false);
    expect(owedBeside(told, leftGroup(121))).toBe(true);
  });
});

it("what is owed twice is added once, and keeps what became of it", () => {
  const owed = leftGroup(0);
  const once = addOwed(aState(), [owed], at(5));
  expect(once.head).toMatchObject({ wakeAt: at(5), openSince: owed.foundAt });
  expect([...once.obligations.values()]).toEqual([{ ...owed, progress: pending }]);
  expect(addOwed(once, [owed], at(9))).toBe(once);
});
