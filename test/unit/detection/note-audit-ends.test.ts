import { describe, expect, test } from "vitest";
import { noteAuditEnds } from "../../../shared/detection/audit-match.ts";
import { lag } from "../../../shared/detection/lag.ts";
import { type AuditEnd, type PrincipalState, summarized } from "../../../shared/model/principal.ts";
import { anEnded, aRevocation, aRoleAuditEnd, aState, at } from "../../fixtures/principal-builders.ts";

const rule: AuditEnd = {
  kind: "activity",
  key: "rule|1",
  at: at(62),
  foundAt: at(200),
  activity: "Reset password",
};

describe("noting what the audit log reports", () => {
  const note = (state: PrincipalState, ...ends: readonly AuditEnd[]) => noteAuditEnds(state, ends, at(210), lag);

  test("it waits in the head for a pass that is due at once", () => {
    expect(summarized(note(aState(), aRoleAuditEnd(), rule)).head).toMatchObject({
      auditEnds: [aRoleAuditEnd(), rule],
      openSince: at(200),
      wakeAt: at(210),
    });
  });

  test("an earlier pass and an older finding stay", () => {
    const open = aState({ revocations: [aRevocation({ foundAt: at(10) })], head: { wakeAt: at(205) } });
    expect(summarized(note(open, aRoleAuditEnd())).head).toMatchObject({ openSince: at(10), wakeAt: at(205) });
  });

  test.each([
    { what: "it was noted", state: aState({ head: { auditEnds: [aRoleAuditEnd()] } }) },
    {
      what: "it is a loss already",
      state: aState({ revocations: [aRevocation({ key: "audit|1", cutOff: at(9999) })] }),
    },
    {
      what: "a group's loss was handed to its members",
      state: aState({ ended: [anEnded({ key: "audit|1", cutOff: at(9) })] }),
    },
    { what: "it is known", state: aState({ ended: [anEnded({ cutOff: at(64) })] }) },
  ])("nothing changes when $what", ({ state }) => {
    expect(note(state, aRoleAuditEnd())).toBe(state);
  });

  test.each([
    { what: "an ended holding without its pending revocation proves nothing", revocations: [], kind: "user", noted: 1 },
    { what: "with it, the end is known", revocations: [aRevocation()], kind: "user", noted: 0 },
    { what: "a group has none, and its end is known", revocations: [], kind: "group", noted: 0 },
  ] as const)("read again because rows vanished: $what", ({ revocations, kind, noted }) => {
    const before = aState({ ended: [anEnded({ cutOff: at(64) })], revocations: [...revocations], head: { kind } });
    const { head, ended } = note(before, aRoleAuditEnd({ again: true }));
    expect([head.auditEnds ?? [], ended.size]).toEqual([
      noted === 0 ? [] : [aRoleAuditEnd({ again: true })],
      1 - noted,
    ]);
  });

  test.each([
    { name: "PIM's later row of it", other: aRoleAuditEnd({ key: "audit|2", at: at(68) }), ends: 1 },
    { name: "Core Directory's earlier row of it", other: aRoleAuditEnd({ key: "audit|2", at: at(52) }), ends: 1 },
    { name: "another end soon after", other: aRoleAuditEnd({ key: "audit|2", at: at(73) }), ends: 2 },
    {
      name: "an end of another role",
      other: aRoleAuditEnd({ key: "audit|2", at: at(68), roleDefinitionId: "other" }),
      ends: 2,
    },
    { name: "a ruled act", other: rule, ends: 2 },
  ])("$name, read later than the first: $ends", ({ other, ends }) => {
    expect(note(aState({ head: { auditEnds: [aRoleAuditEnd()] } }), other).head.auditEnds).toHaveLength(ends);
  });
});
