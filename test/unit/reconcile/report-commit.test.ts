import { describe, expect, test } from "vitest";
import type { Closed } from "../../../shared/model/pending-revocation.ts";
import type { Head, PrincipalState } from "../../../shared/model/principal.ts";
import { reportCommit } from "../../../shared/reconcile/finish-pass.ts";
import type { Telemetry } from "../../../shared/telemetry/telemetry.ts";
import { jane } from "../../fixtures/fake-world.ts";
import {
  absentSince,
  aHolding,
  aRevocation,
  aSource,
  aState,
  at,
  isoAt,
  janesKey,
} from "../../fixtures/principal-builders.ts";

function recorded(before: PrincipalState, after: PrincipalState) {
  const lines: unknown[] = [];
  const note = (kind: string) => (name: string, properties: object) => void lines.push({ kind, name, ...properties });
  const telemetry = { event: note("event"), alarm: note("alarm"), measure: () => undefined };
  reportCommit(telemetry, before, after);
  return lines;
}

function measured(before: PrincipalState, after: PrincipalState) {
  const values: unknown[] = [];
  const measure: Telemetry["measure"] = (name, value, dimensions) => void values.push({ name, value, ...dimensions });
  reportCommit({ event: () => undefined, alarm: () => undefined, measure }, before, after);
  return values;
}

const isAlarm = (line: unknown): boolean =>
  typeof line === "object" && line !== null && "kind" in line && line.kind === "alarm";

const isNamed = (line: unknown, name: string): boolean =>
  typeof line === "object" && line !== null && "name" in line && line.name === name;

const closed: Closed = {
  state: "closed",
  outcome: "revoked",
  closedAt: at(64),
  acceptedAt: at(62),
  verified: true,
  detail: null,
};
const ended = aState({ revocations: [aRevocation()] });
const done = aState({ revocations: [aRevocation({ progress: closed })] });

test("nothing new, nothing reported", () => {
  for (const state of [aState({ holdings: [aHolding()] }), ended, done]) expect(recorded(state, state)).toEqual([]);
});

test("what is held from now on, and an end that moved", () => {
  expect(recorded(aState(), aState({ holdings: [aHolding()] }))).toMatchObject([
    { name: "holdingBegan", principalId: jane, key: janesKey, endDateTime: isoAt(60.5) },
  ]);
  const moved = aState({ holdings: [aHolding({ sources: [aSource({ end: isoAt(600), listedEnd: isoAt(600) })] })] });
  expect(recorded(aState({ holdings: [aHolding()] }), moved)).toMatchObject([
    { name: "endMoved", endDateTime: isoAt(600) },
  ]);
});

test("what is doubtful from now on, by which rule and until when, once", () => {
  const denied = (last: number) => aState({ holdings: [aHolding({ absence: absentSince(at(20), null, at(last)) })] });
  expect(recorded(aState({ holdings: [aHolding()] }), denied(20))).toMatchObject([
    { name: "doubtful", key: janesKey, rule: "secondAnswer", until: "2026-01-05T09:00:26.000Z" },
  ]);
  expect(recorded(denied(20), denied(24))).toEqual([]);
});

test("a source that ended while the privilege goes on, and not one of a privilege that is denied", () => {
  const both = (leftList: number | null, absence: ReturnType<typeof absentSince> | null = null) =>
    aState({
      holdings: [aHolding({ absence, sources: [aSource({ leftList }), aSource({ scheduleId: "longer", end: null })] })],
    });
  expect(recorded(both(null), both(at(62)))).toMatchObject([{ name: "sourceEnded", key: janesKey, sources: 1 }]);
  expect(recorded(both(at(62)), both(at(62)))).toEqual([]);
  expect(recorded(both(null), both(at(62), absentSince(at(62))))).toMatchObject([{ name: "doubtful" }]);
});

test("a removal that is overdue is an alarm, once", () => {
  const held = aState({ holdings: [aHolding()] });
  const overdue = aState({ holdings: [aHolding({ overdueRaised: true })] });
  expect(recorded(held, overdue)).toMatchObject([{ kind: "alarm", name: "removalOverdue", key: janesKey }]);
  expect(recorded(aState(), overdue)).toMatchObject([{ name: "removalOverdue" }, { name: "holdingBegan" }]);
  expect(recorded(overdue, overdue)).toEqual([]);
});

test("an end with its cut-off, then its outcome, each once", () => {
  expect(recorded(aState(), ended)).toMatchObject([
    { name: "ended", end: "expired", cutOff: "2026-01-05T09:01:02.000Z" },
  ]);
  expect(recorded(ended, done)).toMatchObject([
    { name: "outcome", outcome: "revoked", verified: true, acceptedAt: "2026-01-05T09:01:02.000Z" },
  ]);
  expect(recorded(aState(), done)).toMatchObject([{ name: "ended" }, { name: "outcome" }]);
});

test("an outcome without a call has no time of one", () => {
  const excluded = aState({
    revocations: [aRevocation({ progress: { ...closed, outcome: "excluded", acceptedAt: null } })],
  });
  expect(recorded(ended, excluded)).toContainEqual(
    expect.objectContaining({ name: "outcome", outcome: "excluded", acceptedAt: null }),
  );
});

describe("a most powerful role that ends and cuts nobody is an alarm", () => {
  const alarms = (over: Partial<Closed>, roleDefinitionId?: string) => {
    const revocation = aRevocation({
      progress: { ...closed, ...over },
      ...(roleDefinitionId === undefined ? {} : { roleDefinitionId }),
    });
    return recorded(ended, aState({ revocations: [revocation] })).filter((line) => isAlarm(line));
  };
  test.each(["notEnforceable", "excluded", "outOfScope"] as const)("%s", (outcome) => {
    expect(alarms({ outcome, detail: "why" })).toMatchObject([{ name: "tierZeroNotCut", outcome, detail: "why" }]);
    expect(alarms({ outcome }, "88d8e3e3-8f55-4a1e-953a-9b9898b8876b")).toEqual([]);
  });
  test.each(["revoked", "alreadySatisfied", "stillHeld", "reportOnly", "principalGone", "stale", "failed"] as const)(
    "not %s",
    (outcome) => {
      expect(alarms({ outcome })).toEqual([]);
    },
  );
});

test.each([
  { from: "user", to: "externalUser", holds: true, alarms: 1 },
  { from: "externalUser", to: "user", holds: true, alarms: 1 },
  { from: "user", to: "externalUser", holds: false, alarms: 0 },
  { from: "unknown", to: "externalUser", holds: true, alarms: 0 },
  { from: "user", to: "user", holds: true, alarms: 0 },
] as const)("$from who becomes $to and holds a privilege, $holds: $alarms alarms", ({ from, to, holds, alarms }) => {
  const state = (kind: Head["kind"]) => aState({ head: { kind }, holdings: holds ? [aHolding()] : [] });
  const raised = recorded(state(from), state(to)).filter((line) => isNamed(line, "kindChanged"));
  expect(raised).toEqual(
    Array.from({ length: alarms }, () => ({ name: "kindChanged", principalId: jane, kindBefore: from, kind: to })),
  );
});

test("an outcome says whom, what, by which signal, when and how fast, in itself", () => {
  const [outcome] = recorded(ended, done);
  expect(outcome).toEqual({
    kind: "role",
    name: "outcome",
    principalId: jane,
    key: janesKey,
    roleDefinitionId: "fe930be7-5e62-47db-91af-98c3a49a38b1",
    directoryScopeId: "/",
    end: "expired",
    planned: true,
    foundBy: "timer",
    startDateTime: isoAt(-60),
    endDateTime: isoAt(60.5),
    lastHeld: "2026-01-05T09:01:00.500Z",
    cutOff: "2026-01-05T09:01:02.000Z",
    foundAt: "2026-01-05T09:01:02.000Z",
    outcome: "revoked",
    verified: true,
    detail: null,
    acceptedAt: "2026-01-05T09:01:02.000Z",
    closedAt: "2026-01-05T09:01:04.000Z",
    accessTokensUntil: "2026-01-05T10:31:02.000Z",
    caeUntil: "2026-01-05T09:16:02.000Z",
    endToDetected: 2500,
    endToAccepted: 2500,
    endToVerified: 4500,
  });
});

test("how fast an end was found and cut is measured once each, by signal and kind", () => {
  const by = { source: "timer", kind: "role", end: "expired" };
  expect(measured(aState(), ended)).toEqual([{ name: "endToDetected", value: 2500, ...by }]);
  expect(measured(ended, done)).toEqual([
    { name: "endToAccepted", value: 2500, ...by },
    { name: "endToVerified", value: 4500, ...by },
  ]);
  expect(measured(done, done)).toEqual([]);
});

test("of an end that was not announced no latency is reported or measured: it is not known", () => {
  const sudden = (state: typeof done) => {
    const revocations = [...state.revocations.values()];
    return aState({ revocations: revocations.map((each) => ({ ...each, planned: false, lastHeld: each.cutOff })) });
  };
  expect(measured(aState(), sudden(ended))).toEqual([]);
  expect(measured(sudden(ended), sudden(done))).toEqual([]);
  expect(recorded(sudden(ended), sudden(done))).toMatchObject([
    { planned: false, endToDetected: null, endToAccepted: null, endToVerified: null },
  ]);
});
