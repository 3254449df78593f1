import { expect, test } from "vitest";
import { buryAndForget } from "../../../shared/assignments/bury.ts";
import { defaultTimings } from "../../../shared/assignments/timings.ts";
import type { Tombstone, Watch } from "../../../shared/assignments/watch.ts";
import type { DirectoryAssignment } from "../../../shared/graph/graph.ts";
import type { Obligation } from "../../../shared/revocation/obligation.ts";
import { activation, directoryRow } from "../../fixtures/fake-world.ts";
import { anObligation, aTombstone, at, aWatch, janesKey } from "../../fixtures/principal-builders.ts";

interface Buried {
  readonly known?: readonly Tombstone[];
  readonly ended?: readonly Watch[];
  readonly directory?: readonly DirectoryAssignment[];
  readonly unwatched?: readonly Obligation[];
  readonly isGroup?: boolean;
  readonly seconds?: number;
}
const bury = ({ known = [], ended = [], directory = [], unwatched = [], isGroup = false, seconds = 62 }: Buried) => [
  ...buryAndForget(
    new Map(known.map((tombstone) => [tombstone.key, tombstone])),
    { ended, directory, date: at(seconds), unwatched, isGroup },
    defaultTimings,
  ).values(),
];

test("what ended has a tombstone, if PIM lists it: a path and a row of the directory have no key that comes again", () => {
  const paths = [aWatch({ key: "path", source: "groupPath" }), aWatch({ key: "row", source: "directory" })];
  expect(bury({ ended: [aWatch(), ...paths] })).toEqual([aTombstone()]);
});

test("its tombstone says where the list alone told the end: for five minutes it may take that back", () => {
  const directory = [directoryRow(activation())];
  const unlisted = (since: number) => aWatch({ hidden: { since: at(since), last: at(62) } });
  expect(bury({ ended: [unlisted(62)], directory })).toEqual([aTombstone({ byListAlone: true })]);
  expect(bury({ ended: [unlisted(62)] })).toEqual([aTombstone()]);
  expect(bury({ ended: [unlisted(-239)], directory })).toEqual([aTombstone()]);
});

test("a tombstone is forgotten after two days, but not that of a group's permanent role", () => {
  const days = 48 * 3600 + 62;
  const permanent = aTombstone({ start: null });
  expect(bury({ known: [aTombstone()], seconds: days - 1 })).toEqual([aTombstone()]);
  expect(bury({ known: [aTombstone()], seconds: days, isGroup: true })).toEqual([]);
  expect(bury({ known: [permanent], seconds: days })).toEqual([]);
  expect(bury({ known: [permanent], seconds: days, isGroup: true })).toEqual([permanent]);
});

test("an end of a group's role that only the audit log told is buried too: the group keeps no obligation of it", () => {
  expect(bury({ unwatched: [anObligation()], isGroup: true })).toMatchObject([{ key: janesKey, endedAt: at(62) }]);
  expect(bury({ unwatched: [anObligation()] })).toEqual([]);
});
