import { expect, test } from "vitest";
import { isHeld, type Run, withoutSignal } from "../../bench/webhook/judge.ts";

const item = { id: "a", sentAt: 100, answeredAt: 200 };

test.each([
  ["written in between", { id: "a", startedAt: 101, endedAt: 199 }, 0],
  ["about another group", { id: "b", startedAt: 101, endedAt: 199 }, 1],
  ["begun before it was sent", { id: "a", startedAt: 99, endedAt: 199 }, 1],
  ["ended after it was answered", { id: "a", startedAt: 101, endedAt: 201 }, 1],
])("a write %s", (_name, write, missing) => {
  expect(withoutSignal([item], [write]).length).toBe(missing);
});

test("one write may stand for several that were waiting for it", () => {
  const write = { id: "a", startedAt: 120, endedAt: 130 };
  expect(withoutSignal([item, { ...item, sentAt: 110 }], [write])).toEqual([]);
});

const run: Run = {
  rate: 500,
  seconds: 30,
  answered: 15_000,
  p50: 20,
  p99: 299,
  max: 900,
  failed: 0,
  withoutSignal: 0,
  messages: 15_000,
};

test.each([
  ["all is well", {}, true],
  ["answers are slow", { p99: 300 }, false],
  ["one failed", { failed: 1 }, false],
  ["the rate was not kept", { answered: 14_000 }, false],
])("a rate is held only if %s", (_name, over, held) => {
  expect(isHeld({ ...run, ...over })).toBe(held);
});
