import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { awaitedEnds, nextPass, passAt } from "../../../shared/detection/next-pass.ts";
import type { Holding } from "../../../shared/model/holding.ts";
import { type Progress, pending } from "../../../shared/model/pending-revocation.ts";
import type { AuditEnd, PrincipalState } from "../../../shared/model/principal.ts";
import {
  absentSince,
  aHolding,
  anEnded,
  aPath,
  aRevocation,
  aSource,
  aState,
  at,
  isoAt,
} from "../../fixtures/principal-builders.ts";

/** Seconds after the start; null when there is nothing to wait for. */
function next(state: PrincipalState, date: number): number | null {
  const time = nextPass(state, at(date), defaultTimings);
  return time === null ? null : (time - at(0)) / 1000;
}
const ending = (seconds: number | null, over: Parameters<typeof aSource>[0] = {}) => {
  const end = seconds === null ? null : isoAt(seconds);
  return aSource({ end, listedEnd: end, ...over });
};
const holding = (over: Partial<Holding> = {}) => aState({ holdings: [aHolding({ sources: [ending(60)], ...over })] });

/** The times of the passes from `from` to two seconds after an end. A pass takes 5 ms, and its answer has the date of Graph, whole seconds. */
function passesAround(end: number, from: number): readonly number[] {
  const passes: number[] = [];
  for (let now = from; now < end + 2000; ) {
    passes.push(now);
    const date = Math.floor(now / 1000) * 1000;
    now += Math.max(5, passAt(end, date, defaultTimings) - date);
  }
  return passes;
}

test("with nothing to wait for there is no pass", () => {
  expect(next(aState(), 0)).toBeNull();
  expect(next(holding({ sources: [ending(null)] }), 0)).toBeNull();
});

describe("a known end gets a pass", () => {
  test.each([
    { when: "a few seconds ahead, by a message sent long before", date: 0, due: 56 },
    { when: "a few seconds ahead, though that is soon", date: 54, due: 56 },
    { when: "at the first moment at which it may have come", date: 55, due: 59.001 },
    { when: "ten times a second in the second before", date: 59.5, due: 59.6 },
    { when: "ten times a second after it", date: 60, due: 60.1 },
    { when: "five times a second after two", date: 62, due: 62.2 },
    { when: "every second after ten", date: 70, due: 71 },
    { when: "every three seconds after half a minute", date: 90, due: 93 },
    { when: "every ten seconds after a hundred", date: 160, due: 170 },
    { when: "every ten seconds, however late it is", date: 6000, due: 6010 },
  ])("$when", ({ date, due }) => {
    expect(next(holding(), date)).toBe(due);
    expect(passAt(at(60), at(date), defaultTimings)).toBe(at(due));
  });

  test("three times a second from the start, where many wait at once", () => {
    expect(passAt(at(60), at(60), { ...defaultTimings, passVeryOften: defaultTimings.passEvery })).toBe(at(60.3));
  });

  test.each([0, 1, 10, 57, 500, 999])(
    "without a pause never, where it comes %i ms after a whole second, and soon after it came",
    (fraction) => {
      const end = at(60) + fraction;
      for (let early = 0; early < 1000; early += 37) {
        const passes = passesAround(end, end - 4000 + early);
        const perSecond = passes.map((due) => passes.filter((other) => other >= due && other < due + 1000).length);
        expect(Math.max(...perSecond)).toBeLessThanOrEqual(10);
        expect(passes.find((due) => due >= end)).toBeLessThanOrEqual(end + defaultTimings.passVeryOften);
      }
    },
  );

  test.each([
    { name: "where it is listed, not where it was once", sources: [ending(60, { end: isoAt(3600) })], ends: [60] },
    { name: "of each source that is still to come", sources: [ending(60), ending(90)], ends: [60, 90] },
    { name: "of a source that the list may hide", sources: [ending(60, { leftList: at(-300) })], ends: [60] },
    { name: "not of one that is over", sources: [ending(60, { isOver: true })], ends: [] },
    { name: "not of one whose end has come while another goes on", sources: [ending(-5), ending(90)], ends: [90] },
    {
      name: "of all whose end has come, until the privilege is gone",
      sources: [ending(-5), ending(-1)],
      ends: [-5, -1],
    },
  ])("$name", ({ sources, ends }) => {
    expect(awaitedEnds(aHolding({ sources }), at(0))).toEqual(ends.map(at));
  });

  test("of the group through which alone the privilege is held", () => {
    const group = aPath({ endDateTime: isoAt(60) });
    expect(awaitedEnds(aHolding({ sources: [], group }), at(0))).toEqual([at(60)]);
    expect(awaitedEnds(aHolding({ sources: [], group: aPath() }), at(0))).toEqual([]);
  });
});

describe("a principal that Graph does not find", () => {
  const unfound = (last: number, over: Partial<Holding> = {}) =>
    aState({
      head: { missing: { first: at(0), since: at(last), last: at(last) } },
      holdings: [aHolding({ sources: [ending(-60)], ...over })],
    });

  test.each([
    { when: "as often as any other while a replica may lag", last: 60, due: 70 },
    { when: "twice as late each time after that", last: 61, due: 122 },
    { when: "twice as late each time after that", last: 300, due: 600 },
    { when: "every ten minutes in the end", last: 3600, due: 4200 },
  ])("gets a pass $when: $last s", ({ last, due }) => {
    expect(next(unfound(last), last)).toBe(due);
  });

  test.each([
    { when: "when an end is still to come", sources: [ending(400)], due: 396 },
    { when: "around an end that has just come", sources: [ending(300)], due: 300.1 },
    { when: "until a minute after it", sources: [ending(241)], due: 305.9 },
    { when: "from a minute after it on no longer than that minute", sources: [ending(240)], due: 360 },
    { when: "when only the directory shows the role", sources: [ending(null, { leftList: at(290) })], due: 310 },
    { when: "when the source has left the list", sources: [ending(295, { leftList: at(299) })], due: 300.5 },
  ])("gets a pass as any other $when", ({ sources, due }) => {
    expect(next(unfound(300, { sources }), 300)).toBe(due);
  });
});

describe("after a denial another pass is due", () => {
  const gone = (since: number, over: Partial<Holding> = {}) =>
    holding({ absence: absentSince(at(since)), sources: [ending(3600)], ...over });

  test.each([
    { name: "when a second one would prove the loss", state: gone(20), date: 20, due: 26 },
    {
      name: "when that is less than a second away: Graph's time is whole seconds",
      state: gone(20),
      date: 25.5,
      due: 25.8,
    },
    {
      name: "later, of a new source",
      state: gone(20, { sources: [ending(3600, { firstSeen: at(0) })] }),
      date: 20,
      due: 81,
    },
    {
      name: "and at a known end before that",
      state: gone(20, { sources: [ending(60, { firstSeen: at(0) })] }),
      date: 20,
      due: 56,
    },
    {
      name: "and at once at that end",
      state: gone(20, { sources: [ending(60, { firstSeen: at(0) })] }),
      date: 57,
      due: 59.001,
    },
  ])("$name", ({ state, date, due }) => {
    expect(next(state, date)).toBe(due);
  });
});

describe("what the list does not show", () => {
  test.each([
    { name: "since a moment gets a pass soon", leftList: 0, date: 0, due: 1 },
    { name: "gets a pass twice as late each time", leftList: 0, date: 10, due: 20 },
    { name: "gets a pass each minute in the end", leftList: 0, date: 300, due: 360 },
  ])("$name", ({ leftList, date, due }) => {
    expect(next(holding({ sources: [ending(null, { leftList: at(leftList) })] }), date)).toBe(due);
    expect(next(holding({ sources: [], firstSeen: at(leftList) }), date)).toBe(due);
  });

  test("gets a pass each minute when a group gives it, and at the end of the group's own assignment", () => {
    expect(next(holding({ sources: [], group: aPath() }), 0)).toBe(60);
    expect(next(holding({ sources: [], group: aPath({ endDateTime: isoAt(30) }) }), 0)).toBe(26);
  });
});

describe("a stale row, which the list shows already, gets a pass when it may prove to be a new assignment", () => {
  const shownAgain = (seconds: number) => aState({ ended: [anEnded({ shownAgain: at(seconds) })] });
  test.each([
    { name: "by the last answer in which both views tell that it began just before the loss", date: 70, due: 122 },
    { name: "when no replica shows the ended one any more", date: 122, due: 363 },
    { name: "when answers have shown it for longer than that", date: 363, due: 371 },
    { name: "and then no more", date: 371, due: null },
  ])("$name", ({ date, due }) => {
    expect(next(shownAgain(70), date)).toBe(due);
  });

  test("and none while no answer shows it", () => {
    expect(next(aState({ ended: [anEnded()] }), 80)).toBeNull();
  });
});

test("what the audit log reported is judged when no replica can show it any more, and then each second until it is", () => {
  const auditEnds: AuditEnd = {
    kind: "activity",
    key: "rule|1",
    at: at(20),
    foundAt: at(29),
    activity: "Reset password",
  };
  expect(next(aState({ head: { auditEnds: [auditEnds] } }), 30)).toBe(321);
  expect(next(aState({ head: { auditEnds: [auditEnds] } }), 321)).toBe(322);
});

describe("a pending revocation", () => {
  const withProgress = (progress: Progress) => aState({ revocations: [aRevocation({ progress })] });
  const notBefore = (seconds: number) => withProgress({ state: "pending", notBefore: at(seconds), heldBy: null });

  test("gets a pass when it is due", () => {
    expect(next(withProgress(pending), 62)).toBe(62);
    expect(next(notBefore(90), 62)).toBe(90);
    expect(next(notBefore(50), 62)).toBe(62);
  });

  test.each([
    { date: 62, due: 63 },
    { date: 64, due: 66 },
    { date: 66, due: 70 },
    { date: 262, due: 322 },
    { date: 300, due: 360 },
  ])("that is accepted is read back twice as late each time: $date", ({ date, due }) => {
    expect(next(withProgress({ state: "accepted", acceptedAt: at(62) }), date)).toBe(due);
  });

  test("that is closed is done", () => {
    const closed = { state: "closed", outcome: "revoked", closedAt: at(62), acceptedAt: at(62) } as const;
    expect(next(withProgress({ ...closed, verified: true, detail: null }), 62)).toBeNull();
  });
});

test("the earliest wins", () => {
  const state = aState({ holdings: [aHolding(), aHolding({ key: "sooner", sources: [ending(30)] })] });
  expect(next(state, 0)).toBe(26);
});

test("whatever is held, the next pass is never in the past", () => {
  const anyTime = fc.integer({ min: -4000, max: 4000 });
  const anyState = fc.record({
    end: fc.option(anyTime),
    since: fc.option(anyTime),
    left: fc.option(anyTime),
    notBefore: anyTime,
  });
  fc.assert(
    fc.property(anyState, anyTime, ({ end, since, left, notBefore }, date) => {
      const absence = since === null ? null : absentSince(at(since));
      const sources = [ending(end, { leftList: left === null ? null : at(left) })];
      const state = aState({
        holdings: [aHolding({ sources, absence })],
        ended: [anEnded({ shownAgain: absence?.since ?? null })],
        revocations: [aRevocation({ progress: { state: "pending", notBefore: at(notBefore), heldBy: null } })],
      });
      expect(nextPass(state, at(date), defaultTimings)).toBeGreaterThanOrEqual(at(date));
    }),
  );
});
