import { expect, test } from "vitest";
import { heldBy } from "../../../shared/revocation/held.ts";
import { anObligation, aState, at, aWatch, isoAt, oneUnit } from "../../fixtures/principal-builders.ts";

const other = (over: Parameters<typeof aWatch>[0]) => aWatch({ key: "other", ...over });
const early = anObligation({
  end: "unknown",
  planned: false,
  unseenSince: at(20),
  cutOff: at(20),
  lastHeld: at(20),
  foundAt: at(26),
});

test("a privilege that nothing else covers is lost", () => {
  const narrow = other({ ...oneUnit, start: isoAt(-7200) });
  const otherRole = other({ roleDefinitionId: "another" });
  expect(heldBy(anObligation(), aState({ watches: [narrow, otherRole] }))).toBeNull();
});

test("the ended watch itself, should a crash have left it behind, does not hold it", () => {
  expect(heldBy(anObligation(), aState({ watches: [aWatch()] }))).toBeNull();
});

test.each([
  { by: "a permanent assignment", watch: other({ start: null, end: null }) },
  { by: "an overlapping activation", watch: other({ start: isoAt(-30), firstSeen: at(-20) }) },
  { by: "a role for the whole directory", watch: other({ start: isoAt(-7200) }), ended: anObligation(oneUnit) },
  { by: "a group", watch: other({ source: "groupPath", start: isoAt(-7200), firstSeen: at(62) }) },
  { by: "a directory row", watch: other({ source: "directory", start: null, firstSeen: at(62) }) },
  {
    by: "a group whose role began after the activation",
    watch: other({ source: "groupPath", start: isoAt(0), firstSeen: at(62) }),
  },
  {
    by: "a path of a group, at an early end",
    watch: other({ source: "groupPath", start: isoAt(0), firstSeen: at(26) }),
    ended: early,
  },
  {
    by: "an older activation, at an early end",
    watch: other({ start: isoAt(-7200), firstSeen: at(26) }),
    ended: early,
  },
  {
    by: "an overlapping activation, at an early end",
    watch: other({ start: isoAt(10), firstSeen: at(12) }),
    ended: early,
  },
])("since before the end, by $by", ({ watch, ended = anObligation() }) => {
  expect(heldBy(ended, aState({ watches: [watch] }))).toBe("heldAnotherWay");
});

test.each([
  { how: "that starts after the end", watch: other({ start: isoAt(61), firstSeen: at(62) }) },
  { how: "that starts at the end", watch: other({ start: isoAt(60.5), firstSeen: at(62) }) },
  { how: "seen together with an early end", watch: other({ start: isoAt(21), firstSeen: at(26) }), ended: early },
  {
    how: "through a group, after an early end",
    watch: other({ source: "groupPath", start: isoAt(21), firstSeen: at(26) }),
    ended: early,
  },
])("superseded by a new activation $how", ({ watch, ended = anObligation() }) => {
  expect(heldBy(ended, aState({ watches: [watch] }))).toBe("superseded");
});

test("one older way beside a new activation is enough to have lost nothing", () => {
  const fresh = other({ start: isoAt(61), firstSeen: at(62) });
  const old = other({ key: "old", start: null });
  expect(heldBy(anObligation(), aState({ watches: [fresh, old] }))).toBe("heldAnotherWay");
});

test("an overlapping assignment that an administrator made is no new activation, even if it is first seen at the end", () => {
  const state = aState({ watches: [other({ start: isoAt(10), firstSeen: at(62), activated: false })] });
  expect(heldBy(anObligation(), state)).toBe("heldAnotherWay");
});

test.each([
  { name: "is first seen after that, which may be a replica's lag", firstSeen: at(31), start: isoAt(0), held: null },
  { name: "was seen by then", firstSeen: at(30), start: isoAt(0), held: "heldAnotherWay" },
  { name: "began after the end", firstSeen: at(31), start: isoAt(25), held: "superseded" },
  { name: "has no beginning", firstSeen: at(31), start: null, held: "heldAnotherWay" },
])("what the audit log told is held by a row that $name: $held", ({ firstSeen, start, held }) => {
  const told = anObligation({ key: "audit", audited: true, planned: false, cutOff: at(20), foundAt: at(30) });
  expect(heldBy(told, aState({ watches: [other({ firstSeen, start })] }))).toBe(held);
});

test("an activation that goes on under a new key after an extension is no new one", () => {
  const activation = other({ start: isoAt(-30), firstSeen: at(20), activated: true });
  const before = anObligation({ key: "before", startDateTime: isoAt(-30) });
  expect(heldBy(early, aState({ watches: [activation] }))).toBe("superseded");
  expect(heldBy(early, aState({ watches: [activation], obligations: [before] }))).toBe("heldAnotherWay");
  const elsewhere = { ...before, roleDefinitionId: "another" };
  expect(heldBy(early, aState({ watches: [activation], obligations: [elsewhere] }))).toBe("superseded");
});
