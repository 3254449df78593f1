import { expect, test } from "vitest";
import { endObligation } from "../../../shared/assignments/end-obligation.ts";
import { absentSince, anObligation, at, aWatch } from "../../fixtures/principal-builders.ts";

test("a planned end is cut off at the first absence, and was last held until the end", () => {
  const watch = aWatch({ absence: absentSince(at(62), null) });
  expect(endObligation(watch, at(62), "timer")).toEqual(anObligation());
});

test("an activation took the place of another from when the list did not show that one; an assignment may only have been hidden", () => {
  const hidden = { unlistedSince: at(-240), absence: absentSince(at(62), null) };
  expect(endObligation(aWatch({ ...hidden, activated: true }), at(62), "timer").unseenSince).toBe(at(-240));
  expect(endObligation(aWatch({ ...hidden, activated: false }), at(62), "timer").unseenSince).toBe(at(62));
});

test("an end before its time may have been held until the first absence", () => {
  const watch = aWatch({ absence: absentSince(at(20), at(-100)) });
  expect(endObligation(watch, at(26), "resync")).toEqual(
    anObligation({
      end: "unknown",
      planned: false,
      unseenSince: at(20),
      cutOff: at(20),
      lastHeld: at(20),
      sessionsValidFromBefore: at(-100),
      foundBy: "resync",
      foundAt: at(26),
    }),
  );
});

test("of a group's role it is told when an answer last showed it", () => {
  const absence = { ...absentSince(at(62), null), after: at(40) };
  expect(endObligation(aWatch({ absence }), at(62), "timer").shownAt).toBe(at(40));
});
