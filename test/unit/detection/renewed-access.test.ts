import { describe, expect, it } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { closeRenewed, isRenewed, lostLongAgo, needsAccess } from "../../../shared/detection/still-held.ts";
import type { GroupAccess } from "../../../shared/graph/graph.ts";
import type { AccessRevocation, PendingRevocation } from "../../../shared/model/pending-revocation.ts";
import { admins, groupAccess, member, others } from "../../fixtures/group-world.ts";
import { aRevocation, aState, at, isoAt } from "../../fixtures/principal-builders.ts";

const jane = member(1);
const left = aRevocation({ through: { groupId: admins, ended: "access" } });
const again = groupAccess(jane, { startDateTime: isoAt(61), endDateTime: isoAt(3600), assignmentScheduleId: "again" });

describe("a membership is given again", () => {
  it("by an activation that began after the end", () => {
    expect(isRenewed(left, [again])).toBe(true);
    const { progress } =
      closeRenewed(aState({ revocations: [left] }), [again], at(63), defaultTimings).revocations.get(left.key) ?? left;
    expect(progress).toMatchObject({ state: "closed", outcome: "stillHeld", closedAt: at(63) });
  });

  it.each([
    ["by the one that ended", groupAccess(jane)],
    ["in another group", { ...again, groupId: others }],
    ["as an owner", { ...again, access: "owner" as const }],
    ["by an administrator's assignment", { ...again, activated: false }],
    ["for ever, since nobody knows when", { ...again, startDateTime: null }],
  ])("not %s", (_, row) => {
    expect(isRenewed(left, [row])).toBe(false);
    const state = aState({ revocations: [left] });
    expect(closeRenewed(state, [row], at(63), defaultTimings)).toBe(state);
  });

  it("by whatever shows it once no replica can lag any more: something may have held the end until then", () => {
    const row = { ...again, activated: false, startDateTime: null };
    const through = { groupId: admins, ended: "access" } as const;
    const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = left;
    const place: AccessRevocation = { ...facts, through, groupId: admins, access: "member" };
    const progressAt = (seconds: number, rows: readonly GroupAccess[] = [row], end: PendingRevocation = place) =>
      closeRenewed(aState({ revocations: [end] }), rows, end.cutOff + seconds * 1000, defaultTimings).revocations.get(
        end.key,
      )?.progress.state;
    expect(progressAt(300)).toBe("pending");
    expect(progressAt(301)).toBe("closed");
    expect(progressAt(301, [])).toBe("pending");
    expect(progressAt(301, [{ ...row, groupId: others }])).toBe("pending");
    expect(progressAt(301, [again], left), "a role: the group may have lost it").toBe("pending");
  });

  it("counts from the first absence when the end was not planned", () => {
    const removed = { ...left, planned: false, endDateTime: null };
    expect(isRenewed(removed, [again])).toBe(false);
    expect(isRenewed(removed, [{ ...again, startDateTime: isoAt(62) }])).toBe(true);
  });

  it("has nothing to do with the end of the group's role", () => {
    expect(isRenewed({ ...left, through: { groupId: admins, ended: "role" } }, [again])).toBe(false);
  });
});

it("PIM is asked while such an end is pending, and for the minutes in which replicas lag", () => {
  const closed = {
    ...left,
    progress: {
      state: "closed",
      outcome: "revoked",
      closedAt: at(63),
      acceptedAt: at(63),
      verified: true,
      detail: null,
    } as const,
  };
  const asked = (revocation: typeof left, seconds: number) =>
    needsAccess(aState({ revocations: [revocation] }), at(seconds), defaultTimings);
  expect([asked(left, 63), asked(left, 3600), asked(closed, 100), asked(closed, 3600)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(asked(aRevocation(), 63)).toBe(false);
});

it("the group's own lists are asked once no replica shows what was lost, about memberships and ownerships without a role only", () => {
  const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...facts } = left;
  const through = { groupId: admins, ended: "access" } as const;
  const place: AccessRevocation = { ...facts, key: "owner", through, groupId: admins, access: "owner" };
  const accepted: AccessRevocation = { ...place, key: "cut", progress: { state: "accepted", acceptedAt: at(63) } };
  const state = aState({ revocations: [left, place, accepted] });
  const { principalId } = state;
  expect(lostLongAgo(state, place.cutOff + 300_000, defaultTimings)).toEqual([]);
  expect(lostLongAgo(state, place.cutOff + 301_000, defaultTimings)).toEqual([
    { principalId, groupId: admins, access: "owner" },
  ]);
});
