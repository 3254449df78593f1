import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import { countUnread, unconfirmedEnds } from "../../../shared/assignments/unreadable.ts";
import { aState, at, aWatch, janesKey } from "../../fixtures/principal-builders.ts";

const watching = aState({ watches: [aWatch()] });
const count = (
  unreadable: { since: number; last: number; raised: boolean } | null,
  storageTime: number,
  date = at(62),
) =>
  countUnread(aState({ watches: [aWatch()], head: { unreadable } }), date, storageTime, defaultTimings).head.unreadable;

describe("failed reads", () => {
  test("count only once a known end has passed", () => {
    expect(count(null, at(1000), at(60))).toBeNull();
    expect(count(null, at(1000), at(60.5))).toEqual({ since: at(1000), last: at(1000), raised: false });
    const permanent = aState({ watches: [aWatch({ end: null })] });
    expect(countUnread(permanent, at(99), at(99), defaultTimings)).toBe(permanent);
  });

  test("are raised after five minutes of tries", () => {
    expect(count({ since: at(1000), last: at(1280), raised: false }, at(1299))).toEqual({
      since: at(1000),
      last: at(1299),
      raised: false,
    });
    expect(count({ since: at(1000), last: at(1280), raised: false }, at(1300))).toMatchObject({ raised: true });
  });

  test("begin anew after a gap: the app did not run, and cannot say that Graph was unreadable", () => {
    expect(count({ since: at(1000), last: at(1280), raised: false }, at(1401))).toEqual({
      since: at(1401),
      last: at(1401),
      raised: false,
    });
  });
});

describe("an end that cannot be read", () => {
  test("is an unconfirmed obligation beside the watch, which stays", () => {
    const state = unconfirmedEnds(watching, at(400), "timer");
    const key = `${janesKey}|unconfirmed`;
    expect(state.obligations.get(key)).toMatchObject({ key, confirmed: false, cutOff: at(400), end: "expired" });
    expect(state.watches).toBe(watching.watches);
  });

  test("is one obligation, however often it is tried", () => {
    const once = unconfirmedEnds(watching, at(400), "timer");
    expect(unconfirmedEnds(once, at(430), "timer")).toBe(once);
  });

  test("has not come before its time", () => {
    expect(unconfirmedEnds(watching, at(60), "timer")).toBe(watching);
  });
});
