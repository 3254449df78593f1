import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { observe } from "../../../shared/detection/observe.ts";
import type { PrincipalReading } from "../../../shared/graph/graph.ts";
import { newHolding } from "../../../shared/model/holding.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { activation, directoryRow, userAdministrator } from "../../fixtures/fake-world.ts";
import {
  absentSince,
  aHolding,
  anAnswer,
  anEnded,
  aRevocation,
  aSource,
  aState,
  at,
  aUser,
  isoAt,
  janesKey,
  oneUnit,
  permanent,
  wholeDirectory,
} from "../../fixtures/principal-builders.ts";

/** One answer, `seconds` after the start; no group gives anything. */
const pass = (state: PrincipalState, seconds: number, shown: Partial<PrincipalReading> = {}) => {
  const principal = anAnswer(seconds, shown);
  return observe(state, { principal, paths: { ...principal, value: [] } }, "timer", defaultTimings);
};
/** Several answers in a row that show the same. */
const passAt = (state: PrincipalState, times: readonly number[], shown: Partial<PrincipalReading> = {}) =>
  times.reduce((before, seconds) => pass(before, seconds, shown).state, state);

const known = aState({ holdings: [aHolding()] });
const active = { instances: [activation()] };
const inDirectory = [directoryRow(activation())];
const keysOf = (state: PrincipalState) => ({
  holdings: [...state.holdings.keys()],
  ended: [...state.ended.keys()],
  revocations: [...state.revocations.keys()],
});
const raisedIn = ({ state }: { readonly state: PrincipalState }) =>
  [...state.holdings.values()].filter(({ overdueRaised }) => overdueRaised).map(({ key }) => key);
const held = { holdings: [janesKey], ended: [], revocations: [] };
const lost = { holdings: [], ended: [janesKey], revocations: [janesKey] };

describe("a first pass", () => {
  test("holds what it finds and revokes nothing", () => {
    const { state } = pass(aState({ head: { kind: "unknown" } }), 0, active);
    expect([...state.holdings.values()]).toEqual([
      { ...newHolding(wholeDirectory, at(0)), sources: [aSource({ firstSeen: at(0) })] },
    ]);
    expect(state.head).toMatchObject({
      kind: "user",
      listed: [`${activation().roleAssignmentScheduleId} ${isoAt(-60)} ${isoAt(60.5)} ${userAdministrator}`],
    });
    expect([state.ended.size, state.revocations.size]).toEqual([0, 0]);
  });

  test.each([
    { user: aUser({ external: true }), kind: "externalUser" },
    { user: null, kind: "unknown" },
  ])("remembers what kind of principal it is: $kind", ({ user, kind }) => {
    expect(pass(aState({ head: { kind: "unknown" } }), 0, { ...active, user }).state.head.kind).toBe(kind);
  });
});

describe("a principal who is not found", () => {
  const nobody = { ...active, user: null };
  const pending = aState({ holdings: [aHolding()], revocations: [aRevocation({ key: "another" })] });

  test("keeps their kind", () => {
    expect(pass(known, 60, nobody).state.head.kind).toBe("user");
  });

  test("is remembered with the run of such answers until they are found", () => {
    const unfound = passAt(pending, [10, 60], nobody);
    expect(unfound.head.missing).toEqual({ since: at(10), last: at(60), first: at(10) });
    expect(pass(unfound, 70, active).state.head).not.toHaveProperty("missing");
  });

  test("has a run that begins anew after an outage, since two lags are not one; the first answer without them stays", () => {
    expect(passAt(pending, [10, 101], nobody).head.missing).toEqual({ since: at(101), last: at(101), first: at(10) });
  });

  test("has no run when it is a group", () => {
    const group = { ...pending, head: { ...pending.head, kind: "group" as const } };
    expect(pass(group, 10, nobody).state.head).not.toHaveProperty("missing");
  });
});

describe("a loss at the known end", () => {
  test("is proven by one answer that shows the role nowhere: an ended holding and a pending revocation", () => {
    const { state } = pass(known, 62);
    expect(keysOf(state)).toEqual(lost);
    expect(state.revocations.get(janesKey)).toEqual(aRevocation());
    expect(state.ended.get(janesKey)).toEqual(anEnded());
  });

  test.each([
    { view: "the directory", shown: { directory: inDirectory } },
    { view: "the list", shown: { ...active, directory: [] } },
  ])("has not come while $view shows the role", ({ shown }) => {
    const { state } = pass(known, 62, shown);
    expect(keysOf(state)).toEqual(held);
    expect(state.holdings.get(janesKey)?.absence).toBeNull();
  });

  test("begins its run anew at that end: a denial before it may have been a lag", () => {
    expect(pass(pass(known, 58).state, 61).state.revocations.get(janesKey)).toMatchObject({
      planned: true,
      cutOff: at(61),
      lastHeld: at(60.5),
    });
  });

  test("of what is still listed a minute later is raised, once, and read for on", () => {
    const first = pass(known, 121, active);
    expect(raisedIn(first)).toEqual([janesKey]);
    const second = pass(first.state, 131, active);
    expect(raisedIn(second)).toEqual([janesKey]);
    expect(keysOf(second.state)).toEqual(held);
    expect(raisedIn(pass(known, 120, active))).toEqual([]);
    const extended = pass(first.state, 131, { instances: [activation({ endDateTime: isoAt(500) })] });
    expect(raisedIn(extended)).toEqual([]);
    expect(raisedIn(pass(extended.state, 561, { instances: [activation({ endDateTime: isoAt(500) })] }))).toHaveLength(
      1,
    );
  });
});

describe("a loss before its time", () => {
  test("needs a second answer without it", () => {
    const first = pass(known, 20, { user: aUser({ sessionsValidFrom: at(-100) }) });
    expect(first.state.holdings.get(janesKey)?.absence).toEqual({ ...absentSince(at(20), at(-100)), by: "timer" });
    expect(keysOf(pass(first.state, 25).state)).toEqual(held);
    expect(pass(first.state, 26).state.revocations.get(janesKey)).toMatchObject({
      end: "unknown",
      planned: false,
      cutOff: at(20),
      lastHeld: at(20),
      sessionsValidFromBefore: at(-100),
      foundAt: at(26),
    });
  });

  test("is none when the next answer shows the role: the run is broken", () => {
    const shown = pass(pass(known, 20).state, 22, active);
    expect(shown.state.holdings.get(janesKey)?.absence).toBeNull();
    expect(keysOf(pass(shown.state, 26).state)).toEqual(held);
  });

  test("is none after an outage: two lags are not one", () => {
    expect(keysOf(passAt(aState({ holdings: [aHolding({ sources: [aSource({ end: null })] })] }), [20, 111]))).toEqual(
      held,
    );
  });

  test("of a new source needs longer, however old the holding is", () => {
    const renewed = pass(known, 0, { instances: [activation(), permanent()] }).state;
    expect(keysOf(passAt(renewed, [20, 26, 80]))).toEqual(held);
    expect(keysOf(passAt(renewed, [20, 26, 80, 81]))).toEqual(lost);
  });

  test.each([
    { name: "an extension", sources: [activation({ endDateTime: isoAt(3600) })] },
    { name: "another assignment", sources: [activation(), permanent()] },
    { name: "another assignment that the list hides by now", sources: [permanent()] },
  ])("is what was planned before $name", ({ sources }) => {
    const { state } = pass(pass(known, 50, { instances: sources }).state, 62);
    expect(state.holdings.get(janesKey)?.absence?.since).toBe(at(62));
    expect(keysOf(state)).toEqual(held);
  });
});

describe("a source that ends while the privilege goes on", () => {
  test.each([
    { by: "a permanent assignment", shown: { instances: [permanent()] } },
    {
      by: "a new activation",
      shown: { instances: [activation({ roleAssignmentScheduleId: "again", startDateTime: isoAt(61) })] },
    },
    { by: "the directory alone, which has no known end", shown: { directory: inDirectory } },
  ])("is no loss: $by", ({ shown }) => {
    const { state } = pass(known, 62, shown);
    expect(keysOf(state)).toEqual(held);
    expect(state.holdings.get(janesKey)?.sources).toContainEqual(aSource({ leftList: at(62) }));
  });

  test("is remembered by the loss, so that a replica which shows it again holds nothing", () => {
    const over = pass(pass(known, 50, { instances: [activation(), permanent()] }).state, 62, {
      instances: [permanent()],
    }).state;
    const gone = passAt(over, [400, 406]);
    expect(gone.ended.get(janesKey)?.sources).toHaveLength(2);
    expect(pass(gone, 410, active).state.holdings.size).toBe(0);
  });
});

test("a role in one unit is lost while the same role for the directory goes on: one loss, the other holding stays", () => {
  const unit = activation({ ...oneUnit, roleAssignmentScheduleId: "unit" });
  const both = pass(aState(), 0, { instances: [unit, permanent()] });
  const { state } = pass(both.state, 62, { instances: [permanent()] });
  expect([...state.revocations.values()]).toMatchObject([oneUnit]);
  expect([...state.holdings.values()]).toMatchObject([wholeDirectory]);
});

test("the same loss observed twice is one pending revocation", () => {
  const crashed = aState({ holdings: [aHolding()], revocations: [aRevocation({ foundBy: "resync" })] });
  expect(pass(crashed, 70).state.revocations.get(janesKey)?.foundBy).toBe("resync");
});

test("what is held, lost and held again within one second of Graph's is another holding", () => {
  const key = newHolding(wholeDirectory, at(62)).key;
  const again = activation({ roleAssignmentScheduleId: "again", startDateTime: isoAt(62) });
  const state = aState({ ended: [anEnded({ key })], revocations: [aRevocation({ key })] });
  const [holding] = pass(state, 62, { instances: [again] }).state.holdings.values();
  expect(holding).toMatchObject({ firstSeen: at(62), ...wholeDirectory });
  expect(holding?.key).not.toBe(key);
});

test("a stale row holds nothing, and is held again once answers that far apart show it", () => {
  const gone = pass(known, 62).state;
  const stale = passAt(gone, [70, 130, 190, 250, 310, 370], active);
  expect([stale.holdings.size, stale.ended.get(janesKey)?.shownAgain]).toEqual([0, at(70)]);
  const [holding] = pass(stale, 371, active).state.holdings.values();
  expect(holding).toMatchObject({ firstSeen: at(371), ...wholeDirectory });
});

test("an ended holding is forgotten after two days", () => {
  const state = aState({ ended: [anEnded({ endedAt: at(0) })] });
  expect(pass(state, 48 * 3600 - 1).state.ended.size).toBe(1);
  expect(pass(state, 48 * 3600).state.ended.size).toBe(0);
});

test("an answer ends the count of unreadable tries", () => {
  const counting = aState({
    holdings: [aHolding()],
    head: { unreadable: { since: at(0), last: at(1), raised: true } },
  });
  expect(pass(counting, 30, active).state.head.unreadable).toBeNull();
});
