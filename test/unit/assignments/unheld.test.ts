import { expect, test } from "vitest";
import { findUnheld } from "../../../shared/assignments/unheld.ts";
import type { Watch } from "../../../shared/assignments/watch.ts";
import { anObligation, at, aWatch, isoAt, oneUnit } from "../../fixtures/principal-builders.ts";

const lost = anObligation();
const unheld = (staying: readonly Watch[]) => findUnheld([lost], staying, []);

test("what nothing else covers is unheld", () => {
  expect(unheld([])).toEqual([lost]);
  expect(unheld([aWatch({ ...oneUnit, key: "other" })])).toEqual([lost]);
});

test("what another assignment has held since before the end is not", () => {
  expect(unheld([aWatch({ key: "other" })])).toEqual([]);
});

test("a new activation holds nothing: a group may have held the role throughout", () => {
  expect(unheld([aWatch({ key: "again", start: isoAt(61), firstSeen: at(63) })])).toEqual([lost]);
});

test("a place in a group that began after the end is watched already, and not once more", () => {
  expect(unheld([aWatch({ key: "path", source: "groupPath", start: isoAt(61), firstSeen: at(63) })])).toEqual([]);
});
