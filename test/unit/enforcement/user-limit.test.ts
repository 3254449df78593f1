import { expect, test } from "vitest";
import { tooMany, unplannedEnds } from "../../../shared/enforcement/threshold.ts";
import type { Outcome } from "../../../shared/model/pending-revocation.ts";
import { aRevocation, at } from "../../fixtures/principal-builders.ts";

const hour = 3_600_000;
const unplanned = (key: string, seconds: number, over = {}) =>
  aRevocation({ key, planned: false, foundAt: at(seconds), ...over });
const tooManyOf = (...ends: Parameters<typeof unplannedEnds>) => tooMany(unplannedEnds(...ends)).map(({ key }) => key);
const four = ["a", "b", "c", "d"].map((key, index) => unplanned(key, index));

test("the fourth unplanned end in an hour is too many", () => {
  expect(tooManyOf(four, at(10), hour)).toEqual(["d"]);
  expect(tooManyOf(four.slice(1), at(10), hour).length).toBe(0);
});

test("what was found at the same time counts in the order of the keys", () => {
  const together = ["d", "a", "c", "b"].map((key) => unplanned(key, 0));
  expect(tooManyOf(together, at(0), hour)).toEqual(["d"]);
});

test("an hour later the first no longer counts", () => {
  expect(tooManyOf(four, at(3600), hour).length).toBe(0);
});

test("planned and corroborated ends neither count nor are too many", () => {
  const others = [
    unplanned("e", 4, { planned: true }),
    unplanned("a", 0, { threshold: "corroborated" }),
    ...four.slice(1),
  ];
  expect(unplannedEnds(others, at(10), hour).map(({ key }) => key)).toEqual(["b", "c", "d"]);
  expect(tooManyOf(others, at(10), hour).length).toBe(0);
});

test("those that an operator released or that have an outcome still count", () => {
  const closed = {
    state: "closed",
    outcome: "revoked",
    closedAt: at(5),
    acceptedAt: at(4),
    verified: true,
    detail: null,
  } as const;
  const past = four.map((revocation) => ({ ...revocation, threshold: "released" as const, progress: closed }));
  expect(tooManyOf([...past, unplanned("e", 9)], at(10), hour)).toEqual(["d", "e"]);
});

test("what cuts nobody does not count: extensions under new keys hold no real cut back", () => {
  const closedAs = (outcome: Outcome) =>
    ({ state: "closed", outcome, closedAt: at(5), acceptedAt: null, verified: false, detail: null }) as const;
  const cutsNobody = ["stillHeld", "excluded", "outOfScope", "principalGone", "stale"] as const;
  for (const outcome of cutsNobody) {
    const harmless = four.map((revocation) => ({ ...revocation, progress: closedAs(outcome) }));
    expect(tooManyOf([...harmless, unplanned("e", 9)], at(10), hour).length, outcome).toBe(0);
  }
  for (const outcome of ["alreadySatisfied", "reportOnly", "notEnforceable", "failed"] as const) {
    const real = four.slice(1).map((revocation) => ({ ...revocation, progress: closedAs(outcome) }));
    expect(tooManyOf([...real, unplanned("e", 9)], at(10), hour), outcome).toEqual(["e"]);
  }
});
