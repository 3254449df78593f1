import { describe, expect, test } from "vitest";
import { decide } from "../../../shared/enforcement/decide.ts";
import { approve } from "../../../shared/enforcement/settle.ts";
import { needsReview, type Resumption } from "../../../shared/enforcement/stop-and-resume.ts";
import { isInReview } from "../../../shared/model/pending-revocation.ts";
import { summarized } from "../../../shared/model/principal.ts";
import { circumstances } from "../../fixtures/circumstances.ts";
import { aRevocation, aState, at, janesKey } from "../../fixtures/principal-builders.ts";

const hour = 3600;
/** Revoking began again so many seconds after the start; Graph's clock and storage's differ by five minutes. */
const begun = (seconds: number, from: Resumption["from"] = "stop", since = 0) => ({
  resumption: { from, since: at(since) + 300_000, at: at(seconds) + 300_000 },
  date: at(seconds + 10),
  storageTime: at(seconds + 10) + 300_000,
});
const ended = aRevocation();
const unplanned = (seconds: number) => aRevocation({ planned: false, cutOff: at(seconds), lastHeld: at(seconds) });

test("what ended more than an hour before revoking began again needs an operator", () => {
  expect(needsReview(ended, begun(60.5 + hour))).toBe(false);
  expect(needsReview(ended, begun(60.501 + hour))).toBe(true);
});

test("however long it takes after that: what was young then is carried out", () => {
  expect(needsReview(ended, { ...begun(120), date: at(9 * hour), storageTime: at(9 * hour) + 300_000 })).toBe(false);
});

test("an app that was merely down, and never paused, carries out all of it", () => {
  expect(needsReview(ended, { ...begun(30 * hour), resumption: null })).toBe(false);
});

test("an operator's order is for good", () => {
  expect(needsReview(aRevocation({ approved: "operation" }), begun(5 * hour))).toBe(false);
});

describe("an unplanned end that is found right after the app was off", () => {
  test("may be as old as that", () => {
    expect(needsReview(unplanned(5 * hour + 10), begun(5 * hour, "off"))).toBe(true);
    expect(needsReview(unplanned(5 * hour + 10), begun(5 * hour, "off", 4.5 * hour))).toBe(false);
  });

  test("is not, after a pause in which the passes went on, or when it is found later", () => {
    expect(needsReview(unplanned(5 * hour + 10), begun(5 * hour, "stop"))).toBe(false);
    expect(needsReview(unplanned(5 * hour + 601), begun(5 * hour, "off"))).toBe(false);
  });
});

test("it is held, before the threshold is asked, until it is approved", () => {
  const given = circumstances(begun(2 * hour));
  expect(decide(ended, given)).toMatchObject({ state: "pending", heldBy: "review" });
  expect(decide(aRevocation({ approved: "operation" }), given)).toEqual("revoke");
});

test("approving held revocations sets them going, and leaves the others", () => {
  const held = aRevocation({ progress: { state: "pending", notBefore: at(1), heldBy: "review" } });
  const other = aRevocation({ key: "other" });
  const state = aState({ revocations: [held, other], head: { inReview: 1 } });
  const next = approve(state, "operation", isInReview);
  expect(next.revocations.get(janesKey)).toMatchObject({
    approved: "operation",
    progress: { heldBy: null, notBefore: null },
  });
  expect(next.revocations.get("other")).toBe(other);
  expect(summarized(next).head).not.toHaveProperty("inReview");
});
