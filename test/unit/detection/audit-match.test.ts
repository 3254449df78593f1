import { describe, expect, test } from "vitest";
import { datedByAudit, explain, findAuditLosses, isNear } from "../../../shared/detection/audit-match.ts";
import { lag } from "../../../shared/detection/lag.ts";
import { type EndedHolding, type Holding, unknownScope } from "../../../shared/model/holding.ts";
import { type Outcome, pending } from "../../../shared/model/pending-revocation.ts";
import { type AuditEnd, byKey } from "../../../shared/model/principal.ts";
import { userAdministrator } from "../../fixtures/fake-world.ts";
import {
  absentSince,
  aHolding,
  anEnded,
  aRevocation,
  aRoleAuditEnd,
  aSource,
  at,
  isoAt,
  oneUnit,
} from "../../fixtures/principal-builders.ts";

const rule: AuditEnd = {
  kind: "activity",
  key: "rule|1",
  at: at(62),
  foundAt: at(200),
  activity: "Reset password",
};
const closedBy = (outcome: Outcome, acceptedAt: number | null) =>
  ({ state: "closed", outcome, closedAt: at(66), acceptedAt, verified: true, detail: null }) as const;
const access: AuditEnd = { ...aRoleAuditEnd(), kind: "access", principalId: "x", access: "member" };

/** What becomes of it, judged by an answer `seconds` after the start. */
function judged(end: AuditEnd, holdings: readonly Holding[], ended: readonly EndedHolding[] = [], seconds = 200) {
  const { waiting, losses } = findAuditLosses([end], holdings, ended, at(seconds), lag);
  if (waiting.length > 0) return "waits";
  return losses.length > 0 ? "loss" : "nothing";
}

test.each([
  { seconds: -239, near: false },
  { seconds: -238, near: true },
  { seconds: 662, near: true },
  { seconds: 663, near: false },
])(
  "a source that left the list $seconds seconds after the start may be the one whose end is reported at 62: $near",
  ({ seconds, near }) => {
    expect(isNear(at(seconds), aRoleAuditEnd(), lag)).toBe(near);
  },
);

describe("an end is known", () => {
  test.each([
    { name: "in the second of the cut-off", ended: {}, becomes: "nothing" },
    {
      name: "before the cut-off, however late we found it",
      ended: { cutOff: at(22_000), endedAt: at(22_006) },
      becomes: "nothing",
    },
    { name: "as long after the cut-off as PIM's row may follow", ended: { cutOff: at(52) }, becomes: "nothing" },
    {
      name: "later after it: the role was held again and ended again",
      ended: { cutOff: at(51), endedAt: at(61) },
      becomes: "loss",
    },
    {
      name: "before it began",
      ended: { sources: [aSource({ start: isoAt(63) })], firstSeen: at(64) },
      becomes: "loss",
    },
    {
      name: "in the second in which it began",
      ended: { sources: [aSource({ start: isoAt(62.9) })], firstSeen: at(64) },
      becomes: "nothing",
    },
    { name: "after a source had begun that we saw later", ended: { firstSeen: at(100) }, becomes: "nothing" },
    {
      name: "before a permanent row of it was first seen: that may have been stale by then",
      ended: { sources: [aSource({ start: null, end: null })], firstSeen: at(363) },
      becomes: "nothing",
    },
    {
      name: "longer before that than a replica lags",
      ended: { sources: [aSource({ start: null, end: null })], firstSeen: at(364) },
      becomes: "loss",
    },
    { name: "of another scope, which no row names", ended: oneUnit, becomes: "nothing" },
    { name: "of another role", ended: { roleDefinitionId: "another" }, becomes: "loss" },
  ])("by a holding that ended, if reported $name: $becomes", ({ ended, becomes }) => {
    expect(judged(aRoleAuditEnd(), [], [anEnded(ended)])).toBe(becomes);
  });

  test.each([
    { name: "if a call of ours followed", progress: { state: "accepted", acceptedAt: at(64) } as const, losses: 0 },
    { name: "if that call was read back", progress: closedBy("revoked", at(64)), losses: 0 },
    { name: "not if somebody else had cut the sessions", progress: closedBy("alreadySatisfied", null), losses: 1 },
    { name: "not while no call was made", progress: pending, losses: 1 },
    { name: "not after it", at: 64, progress: closedBy("revoked", at(64)), losses: 1 },
    { name: "not if only the log reported it", rule: "audit", progress: closedBy("revoked", at(64)), losses: 1 },
  ])("up to the answer that proved a loss: $name", ({ at: seconds = 62, rule = "newSource", progress, losses }) => {
    const ended = anEnded({ cutOff: at(2), endedAt: at(63), rule });
    const revocations = byKey([aRevocation({ cutOff: at(2), progress })]);
    const end = aRoleAuditEnd({ at: at(seconds) });
    expect(findAuditLosses([end], [], [ended], at(200), lag, revocations).losses).toHaveLength(losses);
  });

  test("by an end that the same answers just judged: PIM's row of it is no second loss", () => {
    const both = [aRoleAuditEnd(), aRoleAuditEnd({ key: "audit|2", at: at(69) })];
    expect(findAuditLosses(both, [], [], at(200), lag).losses.map(({ key }) => key)).toEqual(["audit|1"]);
  });
});

describe("a loss that a run of denials proves", () => {
  const denied = aHolding({ absence: absentSince(at(40), null, at(101)) });
  test.each([
    { name: "the first denial, if no row was read", ends: [], since: 40 },
    { name: "a reported end within the run: Graph denied the role before it ended", ends: [{ at: at(62) }], since: 62 },
    { name: "the last of several", ends: [{ at: at(62) }, { at: at(70) }, { at: at(55) }], since: 70 },
    { name: "the first denial, if an end before it is reported", ends: [{ at: at(30) }], since: 40 },
    {
      name: "the first denial, if an end after the run is reported: that is another",
      ends: [{ at: at(102) }],
      since: 40,
    },
    { name: "the first denial, if another role's end is reported", ends: [{ roleDefinitionId: "another" }], since: 40 },
  ])("counts from $name", ({ ends, since }) => {
    expect(datedByAudit(denied, at(101), ends.map(aRoleAuditEnd)).absence).toMatchObject({ since: at(since) });
  });
});

describe("an end of a role that is held", () => {
  const left = (seconds: number) => aSource({ leftList: at(seconds) });
  const later = { sources: [aSource({ start: isoAt(63) })], firstSeen: at(63) };
  test.each([
    {
      name: "waits while a holding that it may be of is doubtful",
      holding: aHolding({ absence: absentSince(at(150)) }),
      seconds: 9999,
      becomes: "waits",
    },
    {
      name: "is no loss when a source left the list about then",
      holding: aHolding({ ...oneUnit, sources: [left(300)] }),
      seconds: 310,
      becomes: "nothing",
    },
    { name: "waits for as long as a replica may still show it", holding: aHolding(), seconds: 362, becomes: "waits" },
    {
      name: "is no loss after that, if it is held for the whole directory",
      holding: aHolding(),
      seconds: 363,
      becomes: "nothing",
    },
    {
      name: "is a loss after that, if it is held in a unit: no row named the scope",
      holding: aHolding(oneUnit),
      seconds: 363,
      becomes: "loss",
    },
    {
      name: "is a loss at once in a unit since later",
      holding: aHolding({ ...oneUnit, ...later }),
      seconds: 70,
      becomes: "loss",
    },
    {
      name: "is no loss for the whole directory since later",
      holding: aHolding(later),
      seconds: 70,
      becomes: "nothing",
    },
    {
      name: "is a loss though another role is held",
      holding: aHolding({ roleDefinitionId: "another", sources: [left(62)] }),
      seconds: 363,
      becomes: "loss",
    },
  ])("$name", ({ holding, seconds, becomes }) => {
    expect(judged(aRoleAuditEnd(), [holding], [], seconds)).toBe(becomes);
  });

  test("is another than a later one that is doubtful", () => {
    const doubtful = aHolding({ ...oneUnit, ...later, absence: absentSince(at(70)) });
    expect(judged(aRoleAuditEnd(), [doubtful], [], 70)).toBe("loss");
  });

  test.each([
    { seconds: 363, becomes: "waits" },
    { seconds: 364, becomes: "loss" },
  ])("may be of a directory row first seen at $seconds, which may have been stale before: $becomes", (of) => {
    const row = aHolding({ ...oneUnit, sources: [], firstSeen: at(of.seconds), absence: absentSince(at(364)) });
    expect(judged(aRoleAuditEnd(), [row], [], 364)).toBe(of.becomes);
  });
});

describe("an end without a holding", () => {
  const { losses, ended } = findAuditLosses([aRoleAuditEnd()], [], [], at(201), lag);

  test("is a loss from the second of the end on, of a scope that no row names, corroborated by Graph", () => {
    expect(losses).toEqual([
      {
        key: "audit|1",
        roleDefinitionId: userAdministrator,
        directoryScopeId: unknownScope,
        appScopeId: "",
        end: "deactivated",
        planned: false,
        startDateTime: null,
        endDateTime: null,
        cutOff: at(62),
        sessionsValidFromBefore: null,
        lastHeld: at(62),
        foundBy: "audit",
        foundAt: at(201),
        progress: pending,
        threshold: "corroborated",
      },
    ]);
  });

  test("leaves an ended holding like any other: a replica may still show it, and a later row report it again", () => {
    expect(ended).toMatchObject([
      {
        key: "audit|1",
        roleDefinitionId: userAdministrator,
        directoryScopeId: unknownScope,
        cutOff: at(62),
        endedAt: at(201),
        rule: "audit",
      },
    ]);
    expect(judged(aRoleAuditEnd({ key: "audit|2", at: at(68) }), [], ended)).toBe("nothing");
    expect(judged(aRoleAuditEnd({ key: "audit|2", at: at(122) }), [], ended)).toBe("loss");
  });

  test("is a loss without a privilege for what a rule of the settings names, and leaves nothing", () => {
    const found = findAuditLosses([rule], [aHolding()], [anEnded()], at(201), lag);
    expect(found.losses).toMatchObject([{ key: "rule|1", activity: "Reset password", cutOff: at(62), end: "unknown" }]);
    expect(found.ended).toEqual([]);
  });

  test("is left to the group when a member left it", () => {
    expect(judged(access, [])).toBe("nothing");
  });
});

describe("a loss that we found ourselves", () => {
  const unplanned = aRevocation({
    planned: false,
    end: "unknown",
    cutOff: at(64),
    lastHeld: at(64),
    endDateTime: null,
  });
  const over = anEnded({ cutOff: at(64) });

  test("learns from the audit log why it came, and that it is no mistake", () => {
    expect(explain(unplanned, over, [rule, aRoleAuditEnd()], lag)).toEqual({
      ...unplanned,
      end: "deactivated",
      threshold: "corroborated",
    });
  });

  test("stays expired when it came at its time", () => {
    expect(explain(aRevocation(), anEnded(), [aRoleAuditEnd({ end: "removed" })], lag)).toMatchObject({
      end: "expired",
      threshold: "corroborated",
    });
  });

  test("is as it was when the audit log reports another", () => {
    expect(
      explain(
        unplanned,
        over,
        [rule, aRoleAuditEnd({ roleDefinitionId: "another" }), aRoleAuditEnd({ at: at(75) })],
        lag,
      ),
    ).toBe(unplanned);
  });
});
