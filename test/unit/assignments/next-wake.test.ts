import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextWake } from "../../../shared/assignments/next-wake.ts";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { Progress } from "../../../shared/revocation/obligation.ts";
import { absentSince, anObligation, aState, aTombstone, at, aWatch, isoAt } from "../../fixtures/principal-builders.ts";

const wake = (state: PrincipalState, date: number) => nextWake(state, date, defaultTimings);
const watching = (over: Parameters<typeof aWatch>[0] = {}) =>
  aState({ watches: [aWatch({ end: isoAt(60), listedEnd: isoAt(60), ...over })] });

test("with nothing to wait for there is no wake", () => {
  expect(wake(aState(), at(0))).toBeNull();
  expect(wake(watching({ end: null, listedEnd: null }), at(0))).toBeNull();
});

describe("a known end is looked at", () => {
  test.each([
    { when: "a few seconds ahead, by a message sent long before", date: 0, next: 56 },
    { when: "a few seconds ahead, though that is soon", date: 54, next: 56 },
    { when: "at the first moment at which it may have come", date: 55, next: 59.001 },
    { when: "three times a second in the second before", date: 59.5, next: 59.8 },
    { when: "three times a second after it", date: 60, next: 60.3 },
    { when: "every second after five", date: 65, next: 66 },
    { when: "every three seconds after ten", date: 70, next: 73 },
    { when: "every ten seconds after half a minute", date: 90, next: 100 },
    { when: "every ten seconds, however late it is", date: 6000, next: 6010 },
  ])("$when", ({ date, next }) => {
    expect(wake(watching(), at(date))).toBe(at(next));
  });

  test("where it was listed last, not where it was once", () => {
    expect(wake(watching({ end: isoAt(3600) }), at(0))).toBe(at(56));
  });
});

describe("an absence is looked at again", () => {
  const gone = (seconds: number, over = {}) => watching({ absence: absentSince(at(seconds)), ...over });

  test("when a second one would establish the end", () => {
    expect(wake(gone(20), at(20))).toBe(at(26));
    expect(wake(gone(20, { firstSeen: at(0), end: isoAt(3600), listedEnd: isoAt(3600) }), at(20))).toBe(at(81));
  });

  test("and at a known end before that: who is seen once more just before it is cut in time", () => {
    const young = { firstSeen: at(0), end: isoAt(60), listedEnd: isoAt(60) };
    expect(wake(gone(20, young), at(20))).toBe(at(56));
    expect(wake(gone(20, young), at(57))).toBe(at(59.001));
    expect(wake(gone(20, young), at(60))).toBe(at(81));
  });
});

test("a row that only the list hides is looked at until the hiding must be more than a lag", () => {
  const hidden = watching({ hidden: { since: at(0), last: at(5) }, end: null, listedEnd: null });
  expect(wake(hidden, at(5))).toBe(at(15));
  expect(wake(hidden, at(295))).toBe(at(301));
});

test.each(["directory", "groupPath"] as const)("what the list does not show is polled every minute: %s", (source) => {
  expect(wake(watching({ source, end: null, listedEnd: null }), at(0))).toBe(at(60));
  expect(wake(watching({ source, end: isoAt(30), listedEnd: isoAt(30) }), at(0))).toBe(at(26));
});

test("an unexplained directory row is looked at soon, then twice as late each time, until it settles", () => {
  const state = aState({ head: { unexplained: { key: at(0) } } });
  expect(wake(state, at(0))).toBe(at(1));
  expect(wake(state, at(10))).toBe(at(20));
  expect(wake(state, at(300))).toBe(at(360));
  expect(wake(state, at(880))).toBe(at(900));
  expect(wake(state, at(900))).toBeNull();
});

test("a ghost is looked at when it would count as alive again: the list will not tell, since it shows it already", () => {
  const ghost = aState({ tombstones: [aTombstone({ shownSince: at(70) })] });
  expect(wake(ghost, at(80))).toBe(at(371));
  expect(wake(ghost, at(371))).toBeNull();
  expect(wake(aState({ tombstones: [aTombstone()] }), at(80))).toBeNull();
});

describe("an obligation", () => {
  const withProgress = (progress: Progress) => aState({ obligations: [anObligation({ progress })] });
  const pending = (notBefore: number | null) =>
    withProgress({ state: "pending", notBefore, heldBy: null, missingSince: null });

  test("that is pending is looked at when it is due", () => {
    expect(wake(pending(null), at(62))).toBe(at(62));
    expect(wake(pending(at(90)), at(62))).toBe(at(90));
    expect(wake(pending(at(50)), at(62))).toBe(at(62));
  });

  test.each([
    { date: 62, next: 63 },
    { date: 66, next: 70 },
    { date: 300, next: 360 },
  ])("that is accepted is read back twice as late each time: $date", ({ date, next }) => {
    expect(wake(withProgress({ state: "accepted", acceptedAt: at(62) }), at(date))).toBe(at(next));
  });

  test("that is closed is done", () => {
    const closed = {
      state: "closed",
      outcome: "revoked",
      closedAt: at(62),
      acceptedAt: at(62),
      verified: true,
      detail: null,
    } as const;
    expect(wake(withProgress(closed), at(62))).toBeNull();
  });
});

test("the earliest wins", () => {
  const state = aState({ watches: [aWatch(), aWatch({ key: "sooner", listedEnd: isoAt(30) })] });
  expect(wake(state, at(0))).toBe(at(26));
});

test("whatever is watched, the wake is never in the past", () => {
  const anyTime = fc.integer({ min: -4000, max: 4000 });
  const anyState = fc.record({
    end: anyTime.map(isoAt),
    since: fc.option(anyTime.map(at)),
    notBefore: anyTime.map(at),
    unexplained: anyTime.map(at),
  });
  fc.assert(
    fc.property(anyState, anyTime.map(at), ({ end, since, notBefore, unexplained }, date) => {
      const absence = since === null ? null : absentSince(since);
      const state = aState({
        watches: [aWatch({ end, listedEnd: end, absence })],
        obligations: [anObligation({ progress: { state: "pending", notBefore, heldBy: null, missingSince: null } })],
        head: { unexplained: { key: unexplained } },
      });
      expect(wake(state, date)).toBeGreaterThanOrEqual(date);
    }),
  );
});
