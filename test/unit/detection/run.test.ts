import { describe, expect, test } from "vitest";
import { deny, extend } from "../../../shared/detection/judge.ts";
import { lag } from "../../../shared/detection/lag.ts";
import type { Absence } from "../../../shared/model/holding.ts";
import { absentSince, at } from "../../fixtures/principal-builders.ts";

describe("a run of answers", () => {
  test("begins with its first answer", () => {
    expect(extend(null, at(10), lag)).toEqual({ since: at(10), last: at(10) });
  });

  test.each([
    { name: "goes on with an answer soon after the last", last: 10, date: 12, since: 10 },
    { name: "goes on after the longest gap", last: 10, date: 100, since: 10 },
    { name: "is broken by a longer gap: two lags are not one", last: 10, date: 101, since: 101 },
    { name: "may be far longer than the gap", last: 500, date: 560, since: 10 },
  ])("$name", ({ last, date, since }) => {
    expect(extend({ since: at(10), last: at(last) }, at(date), lag)).toEqual({ since: at(since), last: at(date) });
  });
});

describe("the run of denials", () => {
  /** One more denial, with the user's sessions-valid-from of this answer. */
  const denied = (absence: Absence | null, seconds: number, knownEnd: number | null = null, sessions = -500) =>
    deny(absence, { date: at(seconds), sessionsValidFrom: at(sessions), shownAt: null }, knownEnd, lag);

  test("keeps what its first answer says of the user's sessions", () => {
    const first = denied(null, 10);
    expect(first).toEqual(absentSince(at(10), at(-500)));
    expect(denied(first, 12, null, 11)).toEqual(absentSince(at(10), at(-500), at(12)));
  });

  test.each([
    { when: "before the known end", seconds: 59 },
    { when: "at the known end", seconds: 61 },
    { when: "after it", seconds: 62 },
  ])("begins $when", ({ seconds }) => {
    expect(denied(null, seconds, at(61))).toEqual(absentSince(at(seconds), at(-500)));
  });

  test("begins anew after too long without an answer: the first denial may have been a lag", () => {
    const first = denied(null, -600);
    expect(denied(first, -510, null, -550).since).toBe(at(-600));
    expect(denied(first, -509, null, -550)).toEqual(absentSince(at(-509), at(-550)));
  });

  test("begins anew once the known end has come: what was a lag before it must not set the cut-off", () => {
    const early = absentSince(at(30), null, at(59));
    expect(denied(early, 60, at(61))).toEqual(absentSince(at(30), null, at(60)));
    const after = denied(early, 61, at(61));
    expect(after).toEqual(absentSince(at(61), at(-500)));
    expect(denied(after, 62, at(61), 62)).toEqual(absentSince(at(61), at(-500), at(62)));
  });

  test("does not begin anew when a later end becomes the known one and has not come", () => {
    expect(denied(absentSince(at(30), null, at(59)), 61, at(3600)).since).toBe(at(30));
  });

  test("remembers the last answer that showed it, when it begins anew as well", () => {
    const at1 = { date: at(-600), sessionsValidFrom: null, shownAt: at(-610) };
    const first = deny(null, at1, null, lag);
    expect(first).toEqual({ ...absentSince(at(-600)), after: at(-610) });
    const at2 = { date: at(-400), sessionsValidFrom: null, shownAt: at(-600) };
    expect(deny(first, at2, null, lag)).toEqual({ ...absentSince(at(-400)), after: at(-610) });
  });
});
