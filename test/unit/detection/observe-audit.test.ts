import { expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { nextPass } from "../../../shared/detection/next-pass.ts";
import { observe } from "../../../shared/detection/observe.ts";
import type { GroupPath, PrincipalReading } from "../../../shared/graph/graph.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { activation, userAdministrator } from "../../fixtures/fake-world.ts";
import {
  aHolding,
  anAnswer,
  aPath,
  aRoleAuditEnd,
  aSource,
  aState,
  at,
  isoAt,
  janesKey,
  oneUnit,
  permanent,
} from "../../fixtures/principal-builders.ts";

/** The audit log reports that the role ended 20 seconds after the start. */
const auditEnds = aRoleAuditEnd({ at: at(20), foundAt: at(29), end: "removed" });
const withReported = (...holdings: Parameters<typeof aHolding>) =>
  aState({ holdings: holdings.map(aHolding), head: { auditEnds: [auditEnds] } });
const reported = (kind: "user" | "group" = "user") => aState({ head: { kind, auditEnds: [auditEnds] } });
const pass = (
  state: PrincipalState,
  seconds: number,
  shown: Partial<PrincipalReading> = {},
  paths: readonly GroupPath[] | null = [],
) => {
  const principal = anAnswer(seconds, shown);
  const reading = { principal, paths: paths === null ? null : { ...principal, value: paths } };
  return observe(state, reading, "audit", defaultTimings);
};
const summary = ({ head, revocations, holdings }: PrincipalState) => ({
  auditEnds: head.auditEnds?.length ?? 0,
  revocations: [...revocations.keys()],
  holdings: holdings.size,
});

test("a row replaces no answer: two answers without the role are needed, and then it only gives the reason of that one loss", () => {
  const first = pass(withReported({}), 30).state;
  expect(summary(first)).toEqual({ auditEnds: 1, revocations: [], holdings: 1 });
  const gone = pass(first, 36).state;
  expect(summary(gone)).toEqual({ auditEnds: 0, revocations: [janesKey], holdings: 0 });
  expect(gone.revocations.get(janesKey)).toMatchObject({ end: "removed", cutOff: at(30), threshold: "corroborated" });
});

test("of a new source it waits longer, and then it is one loss as well", () => {
  const young = {
    firstSeen: at(0),
    sources: [aSource({ firstSeen: at(0), end: isoAt(3600), listedEnd: isoAt(3600) })],
  };
  const waiting = [30, 36, 90].reduce((state, seconds) => pass(state, seconds).state, withReported(young));
  expect(summary(waiting)).toEqual({ auditEnds: 1, revocations: [], holdings: 1 });
  expect(summary(pass(waiting, 91).state)).toEqual({ auditEnds: 0, revocations: [janesKey], holdings: 0 });
});

test("what is still shown is not lost by what a row reports; the row is no loss once no replica can lag", () => {
  const shown = { instances: [activation({ endDateTime: isoAt(3600) })] };
  const early = pass(withReported({}), 30, shown).state;
  expect(summary(early)).toEqual({ auditEnds: 1, revocations: [], holdings: 1 });
  expect(nextPass(early, at(30), defaultTimings)).toBe(at(321));
  expect(summary(pass(early, 321, shown).state)).toEqual({ auditEnds: 0, revocations: [], holdings: 1 });
});

test("of a role shown in one unit alone it is a loss by then: which scope ended was not said", () => {
  const shown = { instances: [activation({ ...oneUnit, endDateTime: isoAt(3600) })] };
  const judged = [30, 321].reduce((state, seconds) => pass(state, seconds, shown).state, withReported(oneUnit));
  expect(summary(judged)).toEqual({ auditEnds: 0, revocations: ["audit|1"], holdings: 1 });
});

test("the end of one of two sources is no loss: it left the list about then", () => {
  const both = {
    sources: [
      aSource(),
      aSource({ scheduleId: permanent().roleAssignmentScheduleId, start: permanent().startDateTime, end: null }),
    ],
  };
  expect(summary(pass(withReported(both), 30, { instances: [permanent()] }).state)).toEqual({
    auditEnds: 0,
    revocations: [],
    holdings: 1,
  });
});

test("what nobody held is a loss of its own, at once", () => {
  const { revocations, head } = pass(reported(), 30).state;
  expect([...revocations.values()]).toMatchObject([
    { key: "audit|1", directoryScopeId: "?", cutOff: at(20), foundAt: at(30) },
  ]);
  expect(head.auditEnds).toBeUndefined();
});

test("what began later and is denied now is another loss, judged by itself: for the token the role never went", () => {
  const later = { firstSeen: at(26), sources: [aSource({ start: isoAt(25), firstSeen: at(26) })] };
  const doubtful = pass(withReported(later), 30).state;
  expect(summary(doubtful)).toEqual({ auditEnds: 0, revocations: [], holdings: 1 });
  const gone = pass(doubtful, 61).state;
  expect([...gone.revocations.values()]).toMatchObject([{ key: janesKey, end: "expired", cutOff: at(61) }]);
});

test("the user's groups are read before it is a loss, and what one gives is held from then on", () => {
  expect(pass(reported(), 30, {}, null).needsPaths).toEqual([userAdministrator]);
  const [holding] = pass(reported(), 30, {}, [aPath()]).state.holdings.values();
  expect(holding).toMatchObject({ group: { groupId: aPath().groupId } });
});

test("of a group it is a loss as well, which the group hands to its members, and leaves an ended holding", () => {
  const { ended, revocations } = pass(reported("group"), 30, { user: null }, null).state;
  expect([...revocations.keys()]).toEqual(["audit|1"]);
  expect(ended.get("audit|1")).toMatchObject({ cutOff: at(20), roleDefinitionId: userAdministrator });
});
