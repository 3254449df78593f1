import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import { watchDirectory, watchSchedule } from "../../../shared/assignments/watch-rows.ts";
import { activation } from "../../fixtures/fake-world.ts";
import { at, aWatch, isoAt, janesKey, oneUnit, wholeDirectory } from "../../fixtures/principal-builders.ts";

const asMap = (...watches: ReturnType<typeof aWatch>[]) => new Map(watches.map((watch) => [watch.key, watch]));
const live = (endDateTime: string | null) => [{ row: activation({ endDateTime }), key: janesKey, generation: 0 }];

describe("living rows", () => {
  test("a new one is watched from this answer on", () => {
    const watch = watchSchedule(new Map(), live(isoAt(60.5)), at(5), defaultTimings).get(janesKey);
    expect(watch).toEqual(aWatch({ firstSeen: at(5) }));
  });

  test("an unchanged one is left as it is", () => {
    const watch = aWatch();
    expect(watchSchedule(asMap(watch), live(watch.end), at(5), defaultTimings).get(janesKey)).toBe(watch);
  });

  test.each([
    { name: "an extension moves both ends", listed: isoAt(3600), end: isoAt(3600) },
    {
      name: "an earlier end is looked at, yet an absence before the later one is not planned",
      listed: isoAt(30),
      end: isoAt(60.5),
    },
    { name: "an end taken away makes it permanent", listed: null, end: null },
  ])("$name", ({ listed, end }) => {
    const watch = watchSchedule(asMap(aWatch({ overdueRaised: true })), live(listed), at(5), defaultTimings).get(
      janesKey,
    );
    expect(watch).toMatchObject({ listedEnd: listed, end, overdueRaised: false, firstSeen: at(-3600) });
  });

  test("a permanent one that gets an end is looked at then; its absence is never planned", () => {
    const watch = watchSchedule(
      asMap(aWatch({ end: null, listedEnd: null })),
      live(isoAt(90)),
      at(5),
      defaultTimings,
    ).get(janesKey);
    expect(watch).toMatchObject({ listedEnd: isoAt(90), end: null });
  });

  test.each([
    { name: "long before its end", watch: aWatch(), listed: isoAt(60.5), seconds: 54, seen: false },
    { name: "in the last seconds", watch: aWatch(), listed: isoAt(60.5), seconds: 55, seen: true },
    { name: "with another end", watch: aWatch({ end: isoAt(90) }), listed: isoAt(60.5), seconds: 60, seen: false },
    { name: "once", watch: aWatch({ seenToEnd: true }), listed: isoAt(60.5), seconds: 30, seen: true },
    { name: "before it moved", watch: aWatch({ seenToEnd: true }), listed: isoAt(90), seconds: 60, seen: false },
    { name: "as permanent", watch: aWatch({ end: null, listedEnd: null }), listed: null, seconds: 60, seen: false },
  ])("one that is listed $name: seen to its end is $seen", ({ watch, listed, seconds, seen }) => {
    const watched = watchSchedule(asMap(watch), live(listed), at(seconds), defaultTimings).get(janesKey);
    expect(watched?.seenToEnd).toBe(seen);
  });
});

describe("settled directory rows", () => {
  test("nothing settled changes nothing", () => {
    const watches = asMap(aWatch());
    expect(watchDirectory(watches, [], at(5))).toBe(watches);
  });

  test("each is watched once as a permanent assignment of its own", () => {
    const once = watchDirectory(asMap(aWatch()), [wholeDirectory], at(5));
    const twice = watchDirectory(once, [wholeDirectory, oneUnit], at(65));
    const added = [...twice.values()].filter(({ source }) => source === "directory");
    expect(added).toMatchObject([
      { ...wholeDirectory, end: null, start: null, firstSeen: at(5) },
      { ...oneUnit, end: null, start: null, firstSeen: at(65) },
    ]);
  });
});
