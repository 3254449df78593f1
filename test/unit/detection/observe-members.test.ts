import { describe, expect, it } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { type MembersReading, observeMembers } from "../../../shared/detection/observe-members.ts";
import type { GroupAccess } from "../../../shared/graph/graph.ts";
import { type Member, memberKey } from "../../../shared/model/principal.ts";
import { groupAccess, member } from "../../fixtures/group-world.ts";
import { absentSince, at, isoAt } from "../../fixtures/principal-builders.ts";

const jane = member(1);

const aMember = (over: Partial<Member> = {}): Member => ({
  principalId: jane,
  access: "member",
  chunk: 0,
  scheduleId: null,
  start: null,
  end: null,
  listedEnd: null,
  firstSeen: at(-3600),
  absence: null,
  overdueRaised: false,
  left: null,
  ...over,
});

const reading = (
  seconds: number,
  members: readonly string[],
  access: readonly GroupAccess[] | null = [],
): MembersReading => ({
  holders: { exists: true, members, owners: [] },
  access,
  date: at(seconds),
  before: at(seconds - 30),
});

function observe(known: readonly Member[], what: MembersReading, isHinted = false) {
  const before = new Map(known.map((one) => [memberKey(one), one]));
  const { members, left } = observeMembers(before, what, { isHinted }, defaultTimings);
  return { members, left, jane: members.get(memberKey({ principalId: jane, access: "member" })) };
}

const hisTime = groupAccess(jane);
const inTime = aMember({
  scheduleId: hisTime.assignmentScheduleId,
  start: hisTime.startDateTime,
  end: isoAt(60.5),
  listedEnd: isoAt(60.5),
});

describe("a member who is shown", () => {
  it("for the first time is known from then on", () => {
    expect(observe([], reading(0, [jane])).jane).toEqual(aMember({ firstSeen: at(0) }));
  });

  it("by PIM alone is there as well: the directory may lag", () => {
    expect(observe([], reading(0, [], [hisTime])).jane).toEqual({ ...inTime, firstSeen: at(0) });
  });

  it("by two rows stays until the later one ends", () => {
    const longer = groupAccess(jane, { endDateTime: null, activated: false, assignmentScheduleId: "assigned" });
    for (const rows of [
      [hisTime, longer],
      [longer, hisTime],
    ]) {
      expect(observe([], reading(0, [jane], rows)).jane).toMatchObject({ scheduleId: "assigned", end: null });
    }
  });

  it("again ends the run of absences", () => {
    const absent = aMember({ absence: absentSince(at(0)) });
    expect(observe([absent], reading(6, [jane])).jane).toEqual(aMember());
  });

  it("keeps the latest end that was ever listed, for knowing what is planned", () => {
    const earlier = groupAccess(jane, { endDateTime: isoAt(30) });
    expect(observe([inTime], reading(0, [jane], [earlier])).jane).toMatchObject({
      end: isoAt(60.5),
      listedEnd: isoAt(30),
    });
  });

  it("long after the end is raised once", () => {
    const late = observe([inTime], reading(122, [jane], [hisTime]));
    expect(late.jane?.overdueRaised).toBe(true);
    expect(observe([...late.members.values()], reading(132, [jane], [hisTime])).jane?.overdueRaised).toBe(true);
  });

  it("by the directory alone, minutes after PIM's end, has no end any more", () => {
    expect(observe([inTime], reading(200, [jane])).jane?.listedEnd).toBe(isoAt(60.5));
    expect(observe([inTime], reading(362, [jane])).jane?.listedEnd).toBeNull();
  });
});

describe("a member who is not shown", () => {
  it("after the known end has left, at once", () => {
    const { left, jane: after } = observe([inTime], reading(62, []));
    expect(left).toMatchObject([{ principalId: jane, absence: { since: at(62) } }]);
    expect(after?.left).toEqual({ at: at(62), shownSince: null });
  });

  it("before it is missed once, and has left the second time", () => {
    const first = observe([aMember()], reading(0, []));
    expect(first.left).toEqual([]);
    expect(first.jane).toMatchObject({ absence: { since: at(0) }, left: null });
    expect(observe([...first.members.values()], reading(6, [])).left).toHaveLength(1);
  });

  it("was there when the members were last read, however long ago that is", () => {
    const first = observe([aMember()], { ...reading(0, []), before: at(-9000) });
    expect(first.jane?.absence).toEqual({ ...absentSince(at(0)), after: at(-9000) });
    const second = observe([...first.members.values()], reading(6, []));
    expect(second.left).toMatchObject([{ absence: { since: at(0), after: at(-9000) } }]);
  });

  it("has left the first time when Graph notified us that the members changed", () => {
    const { left } = observe([aMember()], reading(0, []), true);
    expect(left).toMatchObject([{ principalId: jane, absence: { since: at(0) } }]);
    expect(observe([aMember()], reading(0, [jane]), true).left).toEqual([]);
    expect(observe([aMember()], reading(0, [], null), true).left).toEqual([]);
  });

  it("has not left the first time while the membership is new, whatever Graph notified: it replicates slowly", () => {
    const first = observe([aMember({ firstSeen: at(-299) })], reading(0, []), true);
    expect(first.left).toEqual([]);
    expect(observe([...first.members.values()], reading(60, []), true).left).toEqual([]);
    expect(observe([...first.members.values()], reading(61, []), true).left).toHaveLength(1);
    expect(observe([aMember({ firstSeen: at(-300) })], reading(0, []), true).left).toHaveLength(1);
  });

  it("is not known to have left while PIM's list may not be read", () => {
    expect(observe([inTime], reading(62, [], null)).jane).toEqual(inTime);
  });
});

describe("a member who has left", () => {
  const gone = { ...inTime, left: { at: at(62), shownSince: null } };

  it("is stale when a replica shows the same membership again, unless for minutes", () => {
    const stale = observe([gone], reading(70, [jane], [hisTime]));
    expect(stale.jane?.left).toEqual({ at: at(62), shownSince: at(70) });
    expect(observe([...stale.members.values()], reading(80, [])).jane?.left?.shownSince).toBeNull();
    const back = observe([...stale.members.values()], reading(371, [jane], [hisTime]));
    expect(back.jane).toMatchObject({ left: null, firstSeen: at(371) });
  });

  it("is back at once by a new assignment of PIM", () => {
    const again = groupAccess(jane, { startDateTime: isoAt(65), assignmentScheduleId: "again" });
    expect(observe([gone], reading(70, [], [again])).jane).toMatchObject({
      left: null,
      firstSeen: at(70),
      start: isoAt(65),
    });
  });

  it("is forgotten after two days", () => {
    expect(observe([gone], reading(48 * 3600, [])).jane).toBeDefined();
    expect(observe([gone], reading(62 + 48 * 3600, [])).jane).toBeUndefined();
  });
});

describe("a new activation in place of the one that we know", () => {
  const again = groupAccess(jane, {
    startDateTime: isoAt(61),
    endDateTime: isoAt(3600),
    assignmentScheduleId: "again",
  });

  it("ends nothing, since the membership goes on: its end is awaited instead", () => {
    const { left, jane: after } = observe([inTime], reading(62, [jane], [again]));
    expect(left).toEqual([]);
    expect(after).toMatchObject({ firstSeen: at(-3600), start: isoAt(61), end: isoAt(3600), left: null });
  });

  it("is new: the answer that proves its loss comes later", () => {
    const renewed = observe([inTime], reading(62, [jane], [again]));
    const denied = observe([...renewed.members.values()], reading(64, [], []));
    expect(observe([...denied.members.values()], reading(71, [], [])).left).toEqual([]);
    expect(observe([...denied.members.values()], reading(125, [], [])).left).toHaveLength(1);
  });
});
