import { describe, expect, test } from "vitest";
import { noteTold } from "../../../shared/detection/audit-match.ts";
import { lag } from "../../../shared/detection/lag.ts";
import type { PrincipalState, ToldActivity, ToldEnd } from "../../../shared/model/principal.ts";
import { anEnded, anObligation, aState, aToldRole, at } from "../../fixtures/principal-builders.ts";

const rule: ToldActivity = {
  kind: "activity",
  key: "rule|1",
  at: at(62),
  foundAt: at(200),
  activity: "Reset password",
};

describe("noting what the audit log reports", () => {
  const note = (state: PrincipalState, ...ends: readonly ToldEnd[]) => noteTold(state, ends, at(210), lag);

  test("it waits in the head for a pass that is due at once", () => {
    expect(note(aState(), aToldRole(), rule).head).toMatchObject({
      told: [aToldRole(), rule],
      openSince: at(200),
      wakeAt: at(210),
    });
  });

  test("an earlier pass and an older finding stay", () => {
    const { head } = note(aState({ head: { wakeAt: at(205), openSince: at(10) } }), aToldRole());
    expect(head).toMatchObject({ openSince: at(10), wakeAt: at(205) });
  });

  test.each([
    { what: "it was noted", state: aState({ head: { told: [aToldRole()] } }) },
    {
      what: "it is a loss already",
      state: aState({ obligations: [anObligation({ key: "audit|1", cutOff: at(9999) })] }),
    },
    {
      what: "a group's loss was handed to its members",
      state: aState({ ended: [anEnded({ key: "audit|1", cutOff: at(9) })] }),
    },
    { what: "it is known", state: aState({ ended: [anEnded({ cutOff: at(64) })] }) },
  ])("nothing changes when $what", ({ state }) => {
    expect(note(state, aToldRole())).toBe(state);
  });

  test.each([
    { name: "PIM's later row of it", other: aToldRole({ key: "audit|2", at: at(68), toldBy: "pim" }), ends: 1 },
    { name: "Core Directory's earlier row of it", other: aToldRole({ key: "audit|2", at: at(52) }), ends: 1 },
    { name: "another end soon after", other: aToldRole({ key: "audit|2", at: at(73) }), ends: 2 },
    {
      name: "an end of another role",
      other: aToldRole({ key: "audit|2", at: at(68), roleDefinitionId: "other" }),
      ends: 2,
    },
    { name: "a ruled act", other: rule, ends: 2 },
  ])("$name, read later than the first: $ends", ({ other, ends }) => {
    expect(note(aState({ head: { told: [aToldRole()] } }), other).head.told).toHaveLength(ends);
  });
});
