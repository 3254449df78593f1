import { expect, test } from "vitest";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { reportCommit } from "../../../shared/assignments/report-commit.ts";
import type { Watch } from "../../../shared/assignments/watch.ts";
import type { Progress } from "../../../shared/revocation/obligation.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { anObligation, aState, at, aWatch, isoAt, janesKey } from "../../fixtures/principal-builders.ts";

function told(before: PrincipalState, after: PrincipalState, overdue: readonly Watch[] = []) {
  const lines: unknown[] = [];
  const note = (kind: string) => (name: string, properties: object) => void lines.push({ kind, name, ...properties });
  reportCommit({ telemetry: { event: note("event"), alarm: note("alarm") } }, before, after, overdue);
  return lines;
}

const closed: Progress = {
  state: "closed",
  outcome: "revoked",
  closedAt: at(64),
  acceptedAt: at(62),
  verified: true,
  detail: null,
};
const ended = aState({ obligations: [anObligation()] });
const done = aState({ obligations: [anObligation({ progress: closed })] });

test("nothing new, nothing told", () => {
  for (const state of [aState({ watches: [aWatch()] }), ended, done]) expect(told(state, state)).toEqual([]);
});

test("what is watched, and an end that moved", () => {
  expect(told(aState(), aState({ watches: [aWatch()] }))).toMatchObject([
    { name: "watched", principalId: jane, key: janesKey, endDateTime: isoAt(60.5) },
  ]);
  const moved = aState({ watches: [aWatch({ listedEnd: isoAt(600) })] });
  expect(told(aState({ watches: [aWatch()] }), moved)).toMatchObject([{ name: "endMoved", endDateTime: isoAt(600) }]);
});

test("a removal that is overdue is an alarm", () => {
  expect(told(ended, ended, [aWatch()])).toMatchObject([{ kind: "alarm", name: "removalOverdue", key: janesKey }]);
});

test("an end with its cut-off, then its outcome, each once", () => {
  expect(told(aState(), ended)).toMatchObject([{ name: "ended", end: "expired", cutOff: "2026-01-05T09:01:02.000Z" }]);
  expect(told(ended, done)).toMatchObject([
    { name: "outcome", outcome: "revoked", verified: true, acceptedAt: "2026-01-05T09:01:02.000Z" },
  ]);
  expect(told(aState(), done)).toMatchObject([{ name: "ended" }, { name: "outcome" }]);
});

test("an outcome without a call has no time of one", () => {
  const excluded = aState({
    obligations: [anObligation({ progress: { ...closed, outcome: "excluded", acceptedAt: null } })],
  });
  expect(told(ended, excluded)).toMatchObject([{ outcome: "excluded", acceptedAt: null }]);
});
