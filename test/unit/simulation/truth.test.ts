import { describe, expect, test } from "vitest";
import { losses } from "../../simulation/judge/truth.ts";
import { evidenceOf, minute, source } from "./evidence.ts";

const unit = "/administrativeUnits/1";
const lossesOf = (...sources: Parameters<typeof evidenceOf>[0]) =>
  evidenceOf(sources, [])
    .principals.flatMap(losses)
    .map(({ scope, at, until }) => ({ scope, at, until }));

describe("a privilege is lost", () => {
  test("when the last of its sources is gone, and once", () => {
    expect(lossesOf(source(0, 30 * minute), source(10 * minute, 20 * minute), source(5 * minute, 30 * minute))).toEqual(
      [{ scope: "/", at: 30 * minute, until: Number.POSITIVE_INFINITY }],
    );
  });

  test("not while the role is held in the whole directory, and that never ends with the narrower one", () => {
    expect(lossesOf(source(0, 30 * minute, { scope: unit }), source(0, 40 * minute))).toEqual([
      { scope: "/", at: 40 * minute, until: Number.POSITIVE_INFINITY },
    ]);
    expect(lossesOf(source(0, 30 * minute), source(0, 40 * minute, { scope: unit })).map(({ at }) => at)).toEqual([
      30 * minute,
      40 * minute,
    ]);
  });

  test("until something gives it again", () => {
    expect(lossesOf(source(0, 30 * minute), source(31 * minute, null))).toEqual([
      { scope: "/", at: 30 * minute, until: 31 * minute },
    ]);
  });

  test("not with what never gave anything", () => {
    expect(lossesOf(source(0, 30 * minute, { neverHeld: { how: "joined", at: 31 * minute } }))).toEqual([]);
  });
});
