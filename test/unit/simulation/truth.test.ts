import { describe, expect, test } from "vitest";
import type { HoldingFacts } from "../../simulation/judge/evidence.ts";
import { endMoments, soonestEnd } from "../../simulation/judge/truth.ts";

const announced = 100;

/** Ends at 100; the list drops it at 104, the directory not before 280. */
const ended: HoldingFacts = {
  role: "role 0",
  scope: "/",
  schedule: "ended",
  what: "activated, expires",
  throughGroup: false,
  optional: false,
  from: 0,
  announcedEnds: [announced],
  toldToHolder: [announced],
  announcedAt: 0,
  goneAt: 280,
  firstGoneAt: 104,
  forgottenAt: 280,
  plainlyShown: [{ from: 0, to: 104 }],
  denied: null,
  neverHeld: null,
  sharesSchedule: false,
};
const other = (over: Partial<HoldingFacts>): HoldingFacts => ({ ...ended, schedule: "other", ...over });
const moments = (holding: HoldingFacts, ...others: HoldingFacts[]) => {
  const holdings = [holding, ...others];
  const principal = {
    id: "jane",
    kind: "user",
    deletedAt: null,
    missing: null,
    othersRevokedAt: [],
    holdings,
  } as const;
  return { all: endMoments(principal, holding), soonest: soonestEnd(principal, holding) };
};

describe("an end may count", () => {
  test("once both views have forgotten it, where nothing else explains the directory's row", () => {
    expect(moments(ended)).toEqual({ all: [280], soonest: 280 });
  });

  test("from the first denial after its announced time, where something does all along", () => {
    expect(moments(ended, other({ from: 50, goneAt: null }))).toEqual({ all: [104, 280], soonest: 104 });
    expect(moments(ended, other({ from: 50, goneAt: 110 })).all).toEqual([104, 280]);
  });

  test("from the beginning of what explains the row later, if a view still denies it then", () => {
    expect(moments(ended, other({ from: 170, goneAt: 200 }))).toEqual({ all: [170, 280], soonest: 170 });
    const shownAgain = { ...ended, plainlyShown: [...ended.plainlyShown, { from: 150, to: 190 }] };
    expect(moments(shownAgain, other({ from: 170, goneAt: 200 })).all).toEqual([190, 280]);
  });

  test("at its real end, too, where the directory dropped it first and something new explains the row", () => {
    const late = { ...ended, plainlyShown: [{ from: 0, to: 104 }] };
    expect(moments(late, other({ from: 50, goneAt: 90 }), other({ from: 150, goneAt: null }))).toEqual({
      all: [104, 150, 280],
      soonest: 104,
    });
  });

  test("from when what else gave the privilege is gone or denied, if something new explains the row by then", () => {
    const before = other({ from: 50, goneAt: 170 });
    const after = other({ from: 160, goneAt: 200 });
    expect(moments(ended, before, after)).toEqual({ all: [104, 160, 170, 280], soonest: 104 });
    const unseen = other({ from: 50, goneAt: null, denied: { from: 120, to: 130 } });
    expect(moments(ended, unseen)).toEqual({ all: [104, 120, 280], soonest: 104 });
  });

  test("never before it was announced, and never sooner where no end was", () => {
    expect(moments({ ...ended, plainlyShown: [] }, other({ from: 50, goneAt: 90 })).all).toEqual([280]);
    expect(moments({ ...ended, announcedEnds: [] }, other({ from: 50, goneAt: 110 })).all).toEqual([280]);
  });
});
