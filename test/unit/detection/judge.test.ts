import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Evidence, judge } from "../../../shared/detection/judge.ts";
import { type LagName, lag, lagTable } from "../../../shared/detection/lag.ts";
import { absentSince, at } from "../../fixtures/principal-builders.ts";

/** Denied since `since`, last at `last`; seconds after the start. Its newest source was first seen an hour before the start. */
const evidence = (since: number, last: number, over: Partial<Evidence> = {}): Evidence => ({
  absence: absentSince(at(since), null, at(last)),
  knownEnd: null,
  newestSight: at(-3600),
  ...over,
});

test("what an answer shows is held, whatever else is known", () => {
  const shown = { ...evidence(0, 0), absence: null, knownEnd: at(-100), isHinted: true };
  expect(judge(shown, lag)).toEqual({ is: "held", rule: "shown" });
});

describe("what no view shows", () => {
  const young = { newestSight: at(0) };
  test.each([
    { name: "at the known end: one answer is enough", of: evidence(61, 61, { knownEnd: at(61) }), rule: "knownEnd" },
    {
      name: "after the known end, though new",
      of: evidence(62, 62, { knownEnd: at(61), ...young }),
      rule: "knownEnd",
    },
    { name: "in answers six seconds apart", of: evidence(20, 26), rule: "secondAnswer" },
    { name: "in answers further apart", of: evidence(20, 100), rule: "secondAnswer" },
    { name: "while new, in answers 61 seconds apart", of: evidence(20, 81, young), rule: "newSource" },
    { name: "from its 300th second on, as any other", of: evidence(300, 306, young), rule: "secondAnswer" },
    { name: "and a notification names", of: evidence(20, 20, { isHinted: true }), rule: "notification" },
  ])("is lost $name", ({ of, rule }) => {
    expect(judge(of, lag)).toEqual({ is: "lost", rule });
  });

  test.each([
    { name: "in one answer", of: evidence(20, 20), rule: "secondAnswer", until: 26 },
    { name: "in answers five seconds apart", of: evidence(20, 25), rule: "secondAnswer", until: 26 },
    { name: "before the known end", of: evidence(60, 60, { knownEnd: at(61) }), rule: "secondAnswer", until: 66 },
    { name: "while new", of: evidence(20, 80, young), rule: "newSource", until: 81 },
    { name: "in its 299th second", of: evidence(299, 306, young), rule: "newSource", until: 360 },
    {
      name: "while new, though a notification names it",
      of: evidence(20, 30, { ...young, isHinted: true }),
      rule: "newSource",
      until: 81,
    },
  ])("is doubtful $name", ({ of, rule, until }) => {
    expect(judge(of, lag)).toEqual({ is: "doubtful", rule, until: at(until) });
  });
});

test("a denial that began before the known end is not planned: that run must begin anew", () => {
  expect(judge(evidence(58, 63, { knownEnd: at(61) }), lag)).toMatchObject({ is: "doubtful", rule: "secondAnswer" });
});

describe("whatever is known", () => {
  const seconds = fc.integer({ min: -1000, max: 1000 });
  const anyEvidence = fc.record({
    since: seconds,
    lasted: fc.nat({ max: 500 }),
    end: fc.option(seconds),
    newest: seconds,
    isHinted: fc.boolean(),
  });
  const check = (property: (one: Evidence, later: (more: number) => Evidence) => void) =>
    fc.assert(
      fc.property(anyEvidence, ({ since, lasted, end, newest, isHinted }) => {
        const over = { knownEnd: end === null ? null : at(end), newestSight: at(newest), isHinted };
        property(evidence(since, since + lasted, over), (more) => evidence(since, since + lasted + more, over));
      }),
    );

  test("one more denial never makes a loss doubtful, and from `until` on the same run is a loss", () => {
    check((one, later) => {
      const verdict = judge(one, lag);
      if (verdict.is === "lost") expect(judge(later(30), lag)).toEqual(verdict);
      if (verdict.is !== "doubtful") return;
      const last = one.absence?.last ?? 0;
      expect(verdict.until).toBeGreaterThan(last);
      expect(judge(later((verdict.until - last) / 1000), lag)).toEqual({ is: "lost", rule: verdict.rule });
    });
  });

  test("the rule that decided is a row of the lag table, but for what an answer shows and what a notification names", () => {
    const names = new Set<string>(Object.keys(lagTable) satisfies string[]);
    check((one) => {
      const { rule } = judge(one, lag);
      expect(rule === "shown" || rule === "notification" || names.has(rule)).toBe(true);
    });
  });
});

test.each([
  { row: "secondAnswer", of: evidence(20, 20) },
  { row: "newSource", of: evidence(20, 20, { newestSight: at(0) }) },
] satisfies readonly { row: LagName; of: Evidence }[])("without the row $row one denial would do", ({ row, of }) => {
  expect(judge(of, lag).is).toBe("doubtful");
  expect(judge(of, { ...lag, [row]: 0 }).is).toBe("lost");
});
