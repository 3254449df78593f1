import { describe, expect, test } from "vitest";
import { isHidden, noteListing } from "../../../shared/assignments/hidden-rows.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { Watch } from "../../../shared/assignments/watch.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import { at, aWatch } from "../../fixtures/principal-builders.ts";

const note = (watch: Watch, isListed: boolean, seconds: number) =>
  noteListing(watch, isListed, at(seconds), defaultTimings);
const directory = [directoryRow(activation())];
const isHiddenAt = (watch: Watch, seconds: number, shown = directory) =>
  isHidden(watch, shown, at(seconds), defaultTimings);

describe("a row that the list does not show", () => {
  test("is unlisted since the first such answer, and hidden as long as there is one at least every two minutes", () => {
    const hidden = note(note(aWatch(), false, 10), false, 130);
    expect(hidden).toMatchObject({ unlistedSince: at(10), hidden: { since: at(10), last: at(130) } });
    expect(note(hidden, false, 251)).toMatchObject({ unlistedSince: at(10), hidden: { since: at(251) } });
  });

  test("is neither once the list shows it again", () => {
    expect(note(note(aWatch(), false, 10), true, 20)).toEqual(aWatch());
  });
});

describe("that the list alone hides a row proves nothing", () => {
  const before = note(aWatch(), false, 10);

  test("for five minutes, though the known end has come, while the directory has the role", () => {
    expect(isHiddenAt(before, 310)).toBe(true);
    expect(isHiddenAt(before, 311)).toBe(false);
    expect(isHiddenAt(before, 70, [])).toBe(false);
  });

  test("unless it was shown until the known end and is not since", () => {
    expect(isHiddenAt(note(aWatch({ seenToEnd: true }), false, 62), 62)).toBe(false);
    expect(isHiddenAt(note(aWatch(), false, 62), 62)).toBe(true);
  });
});
