import { describe, expect, test } from "vitest";
import { isCleared, markThreshold } from "../../../shared/enforcement/settle.ts";
import { isHeld, type PendingRevocation, pending } from "../../../shared/model/pending-revocation.ts";
import { summarized } from "../../../shared/model/principal.ts";
import { aRevocation, aState, at } from "../../fixtures/principal-builders.ts";

const heldUntil = (notBefore: number, heldBy = "threshold"): PendingRevocation["progress"] => ({
  state: "pending",
  notBefore,
  heldBy,
});
const held = (key: string, over: Partial<PendingRevocation> = {}) =>
  aRevocation({ key, threshold: "held", progress: heldUntil(at(120)), ...over });
const closed: PendingRevocation["progress"] = {
  state: "closed",
  outcome: "stale",
  closedAt: at(99),
  acceptedAt: null,
  verified: false,
  detail: null,
};

test("held is what is marked so and has no outcome yet", () => {
  expect(isHeld(held("a"))).toBe(true);
  expect(isHeld(held("a", { progress: closed }))).toBe(false);
  expect(isHeld(aRevocation())).toBe(false);
});

test.each([
  [undefined, false],
  ["held", false],
  ["admitted", true],
  ["released", true],
  ["corroborated", true],
] as const)("%s is cleared: %s", (threshold, cleared) => {
  expect(isCleared(aRevocation(threshold === undefined ? {} : { threshold }))).toBe(cleared);
});

describe("marking", () => {
  test("what is released may be tried at once, the others stay as they are", () => {
    const state = aState({ revocations: [held("a"), held("b")], head: { held: 2 } });
    const next = markThreshold(state, new Map([["a", "released"]]));
    const { revocations, head } = summarized(next);
    expect(revocations.get("a")).toMatchObject({ threshold: "released", progress: pending });
    expect(revocations.get("b")).toEqual(held("b"));
    expect(head.held).toBe(1);
  });

  test("another wait than the threshold's goes on", () => {
    const stopped = held("a", { progress: heldUntil(at(120), "stopped") });
    const { revocations } = markThreshold(aState({ revocations: [stopped] }), new Map([["a", "released"]]));
    expect(revocations.get("a")?.progress).toEqual(stopped.progress);
  });
});

describe("the head's summary", () => {
  const summaryOf = (...revocations: PendingRevocation[]) =>
    summarized(aState({ revocations, head: { held: 3, openSince: at(1) } })).head;

  test("shows since when the threshold holds and how much it holds", () => {
    const later = held("b", { foundAt: at(80) });
    expect(summaryOf(held("a"), later, held("c", { progress: closed, foundAt: at(5) }))).toMatchObject({
      openSince: at(62),
      held: 2,
    });
  });

  test("shows nothing of what is over", () => {
    const summary = summaryOf(held("a", { progress: closed }));
    expect(summary.openSince).toBeNull();
    expect("held" in summary).toBe(false);
  });
});
