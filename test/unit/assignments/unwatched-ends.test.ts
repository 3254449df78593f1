import { describe, expect, test } from "vitest";
import type { ToldActivity, ToldEnd, ToldRole } from "../../../shared/assignments/told-end.ts";
import { explain, noteTold, unwatchedEnds, wasWatched } from "../../../shared/assignments/unwatched-ends.ts";
import type { RoleObligation } from "../../../shared/revocation/obligation.ts";
import { userAdministrator } from "../../fixtures/fake-world.ts";
import { anObligation, aState, aTombstone, at, isoAt } from "../../fixtures/principal-builders.ts";

const told = (over: Partial<ToldRole> = {}): ToldRole => ({
  kind: "role",
  key: "audit|1",
  at: at(62),
  foundAt: at(200),
  toldBy: "directory",
  roleDefinitionId: userAdministrator,
  end: "deactivated",
  ...over,
});
const rule: ToldActivity = {
  kind: "activity",
  key: "rule|1",
  at: at(62),
  foundAt: at(200),
  activity: "Reset password",
};
const unplanned = (cutOff: number, over: Partial<RoleObligation> = {}) =>
  anObligation({ planned: false, cutOff, lastHeld: cutOff, endDateTime: null, ...over });
const knowing = (obligation: RoleObligation) => ({ obligations: [obligation], tombstones: [] });

describe("an end that the audit log tells of was watched", () => {
  test.each([
    { found: "in the same second", cutOff: at(62), watched: true },
    { found: "ten minutes later", cutOff: at(662), watched: true },
    { found: "more than ten minutes later", cutOff: at(663), watched: false },
    { found: "ten seconds earlier, as far as clocks may differ", cutOff: at(52), watched: true },
    { found: "earlier: the role was activated again and ended again", cutOff: at(51), watched: false },
  ])("when we found one $found: $watched", ({ cutOff, watched }) => {
    expect(wasWatched(told(), knowing(unplanned(cutOff)))).toBe(watched);
  });

  test("also when only PIM's row tells of it, which comes after the end", () => {
    expect(wasWatched(told({ toldBy: "pim", at: at(69) }), knowing(unplanned(at(52))))).toBe(true);
  });

  test("when a known end came then, however late it was found", () => {
    expect(wasWatched(told(), knowing(anObligation({ lastHeld: at(60.5), cutOff: at(22_000) })))).toBe(true);
  });

  test("by a tombstone, the only trace that a group keeps", () => {
    const buried = (over = {}) => ({ obligations: [], tombstones: [aTombstone({ end: null, ...over })] });
    expect(wasWatched(told(), buried())).toBe(true);
    expect(wasWatched(told(), buried({ endedAt: at(700) }))).toBe(false);
    expect(wasWatched(told(), buried({ roleDefinitionId: "another role" }))).toBe(false);
  });

  test("not by the end of what began later", () => {
    const later = (start: string) => unplanned(at(300), { startDateTime: start });
    expect(wasWatched(told(), knowing(later(isoAt(63))))).toBe(false);
    expect(wasWatched(told(), knowing(later(isoAt(62.9))))).toBe(true);
    const buried = { obligations: [], tombstones: [aTombstone({ start: isoAt(63), endedAt: at(300), end: null })] };
    expect(wasWatched(told(), buried)).toBe(false);
  });

  test("not by the end of another role", () => {
    expect(wasWatched(told(), knowing(unplanned(at(62), { roleDefinitionId: "another role" })))).toBe(false);
  });
});

describe("what follows from the audit log", () => {
  const nothing = { obligations: [], tombstones: [] };

  test("is an obligation from the second of the end on, of a scope that nobody told, confirmed by Graph", () => {
    expect(unwatchedEnds([told()], nothing, at(201))).toEqual([
      {
        key: "audit|1",
        roleDefinitionId: userAdministrator,
        directoryScopeId: "?",
        appScopeId: "",
        end: "deactivated",
        planned: false,
        startDateTime: null,
        endDateTime: null,
        unseenSince: at(62),
        cutOff: at(62),
        sessionsValidFromBefore: null,
        lastHeld: at(62),
        confirmed: true,
        foundBy: "audit",
        foundAt: at(201),
        progress: { state: "pending", notBefore: null, heldBy: null, missingSince: null },
        threshold: "corroborated",
        audited: true,
      },
    ]);
  });

  test("is nothing for an end that was watched", () => {
    expect(unwatchedEnds([told()], knowing(unplanned(at(64))), at(201))).toEqual([]);
  });

  test("is an obligation without a privilege for a rule", () => {
    expect(unwatchedEnds([rule], nothing, at(201))).toMatchObject([
      { key: "rule|1", activity: "Reset password", cutOff: at(62), end: "unknown" },
    ]);
  });

  test("is left to the group when somebody left it", () => {
    const left: ToldEnd = { ...told(), kind: "access", principalId: "x", access: "member" };
    expect(unwatchedEnds([left], nothing, at(201))).toEqual([]);
  });
});

describe("an end that we found ourselves", () => {
  test("learns why it came, and is no mistake", () => {
    expect(explain(unplanned(at(64), { end: "unknown" }), [rule, told()])).toMatchObject({
      end: "deactivated",
      threshold: "corroborated",
    });
  });

  test("stays expired when it came at its time", () => {
    expect(explain(anObligation(), [told({ end: "removed" })]).end).toBe("expired");
  });

  test("is as it was when the audit log tells of another", () => {
    const obligation = unplanned(at(64));
    expect(explain(obligation, [told({ roleDefinitionId: "another role" })])).toBe(obligation);
  });
});

describe("noting what was told", () => {
  test("waits in the head for a look that is due at once", () => {
    const { head } = noteTold(aState(), [told(), rule], at(210));
    expect(head).toMatchObject({ told: [told(), rule], openSince: at(200), wakeAt: at(210) });
  });

  test("keeps an earlier look and an older finding", () => {
    const { head } = noteTold(aState({ head: { wakeAt: at(205), openSince: at(10) } }), [told()], at(210));
    expect(head).toMatchObject({ openSince: at(10), wakeAt: at(205) });
  });

  test.each([
    { what: "it was noted", state: aState({ head: { told: [told()] } }) },
    { what: "it became an obligation", state: aState({ obligations: [unplanned(at(9999), { key: "audit|1" })] }) },
    { what: "a group passed it on", state: aState({ tombstones: [aTombstone({ key: "audit|1", endedAt: at(9) })] }) },
    { what: "it was watched", state: aState({ obligations: [unplanned(at(64))] }) },
  ])("changes nothing when $what", ({ state }) => {
    expect(noteTold(state, [told()], at(210))).toBe(state);
  });

  test.each([
    { name: "PIM's later row of it", other: told({ key: "audit|2", at: at(68), toldBy: "pim" }), ends: 1 },
    { name: "another end a minute later", other: told({ key: "audit|2", at: at(122) }), ends: 2 },
    { name: "an end of another role", other: told({ key: "audit|2", at: at(68), roleDefinitionId: "other" }), ends: 2 },
    { name: "a ruled act", other: rule, ends: 2 },
  ])("$name, read later than the first: $ends", ({ other, ends }) => {
    const state = aState({ head: { told: [told()] } });
    expect(noteTold(state, [other], at(210)).head.told).toHaveLength(ends);
  });
});
