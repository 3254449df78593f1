import { describe, expect, test } from "vitest";
import { absent, establishedAt, isGone, isPlanned, present } from "../../../shared/assignments/absence.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import { absentSince, at, aWatch, isoAt } from "../../fixtures/principal-builders.ts";

describe("the run of absences", () => {
  test("begins with the first answer that does not show the watch, and keeps that answer's facts", () => {
    const first = absent(aWatch(), at(10), at(-500), defaultTimings);
    const second = absent(first, at(12), at(11), defaultTimings);
    expect(first.absence).toEqual(absentSince(at(10), at(-500)));
    expect(second.absence).toEqual(absentSince(at(10), at(-500), at(12)));
  });

  test("remembers the last answer that showed the watch, when it begins anew as well", () => {
    const first = absent(aWatch(), at(-600), null, defaultTimings, at(-610));
    expect(first.absence).toEqual({ ...absentSince(at(-600)), after: at(-610) });
    const anew = absent(first, at(-400), null, defaultTimings, at(-600));
    expect(anew.absence).toEqual({ ...absentSince(at(-400)), after: at(-610) });
  });

  test.each([
    { when: "the second before", end: isoAt(60.5), date: at(59) },
    { when: "the second of the end", end: isoAt(60.5), date: at(60) },
    { when: "the second after", end: isoAt(60.5), date: at(61) },
    { when: "the very second of an end at a whole second", end: isoAt(60), date: at(60) },
  ])("begins in $when", ({ end, date }) => {
    expect(absent(aWatch({ end }), date, null, defaultTimings).absence?.since).toBe(date);
  });

  test("of a permanent assignment begins at any time", () => {
    expect(absent(aWatch({ end: null }), at(60), null, defaultTimings).absence?.since).toBe(at(60));
  });

  test("begins anew after minutes without an answer: the first absence may have been a lag", () => {
    const first = absent(aWatch(), at(-600), null, defaultTimings);
    expect(absent(first, at(-480), at(-550), defaultTimings).absence?.since).toBe(at(-600));
    expect(absent(first, at(-479), at(-550), defaultTimings).absence).toEqual(absentSince(at(-479), at(-550)));
  });

  test("is broken by minutes without an answer even in the second of the end", () => {
    const watch = aWatch({ absence: absentSince(at(-600)) });
    expect(absent(watch, at(60), null, defaultTimings).absence).toEqual(absentSince(at(60)));
  });

  test("begins anew once the known end has come: what was a lag before it must not set the cut-off", () => {
    const watch = aWatch({ absence: absentSince(at(30)) });
    expect(absent(watch, at(60), at(-500), defaultTimings).absence).toEqual(absentSince(at(30), null, at(60)));
    const after = absent(watch, at(61), at(-500), defaultTimings);
    expect(after.absence).toEqual(absentSince(at(61), at(-500)));
    expect(isGone(after, at(61), defaultTimings)).toBe(true);
    expect(absent(after, at(62), at(62), defaultTimings).absence).toEqual(absentSince(at(61), at(-500), at(62)));
  });

  test("is broken by an answer that shows the watch", () => {
    const watch = aWatch();
    expect(present(absent(watch, at(10), null, defaultTimings))).toEqual(watch);
    expect(present(watch)).toBe(watch);
  });
});

describe("an absence is planned", () => {
  test.each([
    { end: isoAt(60), since: at(60), planned: true },
    { end: isoAt(60.5), since: at(59), planned: false },
    { end: isoAt(60.5), since: at(60), planned: true },
    { end: isoAt(60.5), since: at(61), planned: true },
    { end: "2026-01-05T09:01:00.0000001Z", since: at(60), planned: true },
    { end: "2026-01-05T09:01:01.0000001Z", since: at(60), planned: false },
    { end: null, since: at(9999), planned: false },
  ])("$planned: it began at $since, the end was known as $end", ({ end, since, planned }) => {
    expect(isPlanned(aWatch({ end }), since)).toBe(planned);
  });
});

describe("the end is established", () => {
  const gone = (watch: Parameters<typeof aWatch>[0], since: number, date: number) =>
    isGone(aWatch({ ...watch, absence: absentSince(since) }), date, defaultTimings);

  test("by the first answer after the end when the run began in the second of the end", () => {
    expect(gone({}, at(60), at(60))).toBe(false);
    expect(gone({}, at(60), at(61))).toBe(true);
  });

  test("at once when the run began after the known end", () => {
    expect(gone({}, at(61), at(61))).toBe(true);
  });

  test("by a second absence more than five seconds of true time later when it began before", () => {
    expect(gone({}, at(10), at(15))).toBe(false);
    expect(gone({}, at(10), at(16))).toBe(true);
  });

  test("only after more than a minute for a row first seen less than five minutes before", () => {
    expect(gone({ firstSeen: at(0) }, at(10), at(70))).toBe(false);
    expect(gone({ firstSeen: at(0) }, at(10), at(71))).toBe(true);
    expect(establishedAt(aWatch({ end: null, firstSeen: at(0) }), at(300), defaultTimings)).toBe(at(306));
  });

  test("never while the watch is shown", () => {
    expect(isGone(aWatch(), at(9999), defaultTimings)).toBe(false);
  });
});
