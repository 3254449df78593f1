import { describe, expect, it } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { withoutStalePaths } from "../../../shared/detection/still-held.ts";
import type { PendingRevocation } from "../../../shared/model/pending-revocation.ts";
import { admins, groupAccess, member, others } from "../../fixtures/group-world.ts";
import { aPath, aRevocation, aState, at, isoAt } from "../../fixtures/principal-builders.ts";

type Ended = NonNullable<PendingRevocation["through"]>["ended"];
const ended = (by: Ended) => aState({ revocations: [aRevocation({ through: { groupId: admins, ended: by } })] });
const path = aPath({ groupId: admins, startDateTime: isoAt(-60) });
const livesAt = (seconds: number, by: Ended, one = path, access = [] as ReturnType<typeof groupAccess>[]) =>
  withoutStalePaths([one], ended(by), access, at(seconds), defaultTimings).length === 1;

describe("a path through a group that", () => {
  it("lost the role is stale for minutes", () => {
    expect(livesAt(70, "role")).toBe(false);
    expect(livesAt(70, "role", { ...path, roleAssignmentScheduleId: "", startDateTime: null })).toBe(false);
    expect(livesAt(400, "role")).toBe(true);
  });

  it("was found to have ended by the user's own pass is stale for minutes", () => {
    expect(livesAt(70, "either")).toBe(false);
    expect(livesAt(400, "either")).toBe(true);
    expect(livesAt(70, "either", { ...path, startDateTime: isoAt(65) })).toBe(true);
    expect(livesAt(70, "either", path, [groupAccess(member(1), { startDateTime: isoAt(65) })])).toBe(true);
  });

  it("lost the role and got it again lives", () => {
    expect(livesAt(70, "role", { ...path, startDateTime: isoAt(65) })).toBe(true);
  });

  it("the user has left is stale for minutes, whatever role it holds, unless they are back", () => {
    expect(livesAt(70, "access", { ...path, roleDefinitionId: "another", startDateTime: null })).toBe(false);
    expect(livesAt(70, "access", path, [groupAccess(member(1), { startDateTime: isoAt(65) })])).toBe(true);
    expect(livesAt(400, "access")).toBe(true);
  });

  it("the user owned until now lives: they are its member all the same", () => {
    const end = {
      ...aRevocation({}),
      groupId: admins,
      access: "owner",
      through: { groupId: admins, ended: "access" },
    } as const;
    const { roleDefinitionId: _, directoryScopeId: __, appScopeId: ___, ...owned } = end;
    const state = aState({ revocations: [owned] });
    expect(withoutStalePaths([path], state, [], at(70), defaultTimings)).toEqual([path]);
  });

  it("has nothing to do with it lives", () => {
    expect(livesAt(70, "role", { ...path, groupId: others })).toBe(true);
    expect(livesAt(70, "access", { ...path, groupId: others })).toBe(true);
    expect(livesAt(70, "role", { ...path, roleDefinitionId: "another" })).toBe(true);
  });
});
