import { describe, expect, test } from "vitest";
import { toSafeError } from "../../shared/safe-errors.ts";
import { redacted, redactProperties, redactSentence } from "../../shared/telemetry/redact.ts";

/** Milliseconds of the processor's time: others may have it meanwhile. */
function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What somebody else may have put into an answer or a row, a megabyte of it. */
const long = 1_000_000;
const hostile = [
  ["letters", "a".repeat(long)],
  ["at signs", "@".repeat(long)],
  ["open brackets", "[ ".repeat(long / 2)],
  ["spaces after a bracket", `[${" ".repeat(long)}`],
  ["dots", "a.".repeat(long / 2)],
  ["keys in keys", "=3D".repeat(long / 3)],
  ["bars", "a|".repeat(long / 2)],
  ["frames", "    at x:1:1\n".repeat(long / 14)],
] as const;

describe.each(hostile)("a megabyte of %s", (_, text) => {
  test("is redacted at once", () => {
    const names = ["message", "key", "place", "resource", "code", "cutOff", "principalId", "activity"];
    expect(cost(() => void redactSentence(text))).toBeLessThan(100);
    expect(cost(() => void redactProperties(Object.fromEntries(names.map((name) => [name, text]))))).toBeLessThan(100);
    expect(cost(() => void toSafeError(new Error(text)))).toBeLessThan(300);
  });
});

test("the cut shows no half of what it cuts through", () => {
  const words = "It is so. ".repeat(199);
  for (const secret of ["jane.doe.of.accounting@contoso.example", "c2VjcmV0LXRva2VuLW9mLW91cnM0Mg", "a".repeat(5000)]) {
    for (let shift = 0; shift < 10; shift += 1) {
      const recorded = redactSentence(`${words}${"x".repeat(shift)} ${secret} and more ${secret}.`);
      expect(recorded).not.toContain(secret.slice(0, 4));
      expect(recorded.length).toBeLessThan(2100);
    }
  }
  expect(redactSentence(words)).toBe(words);
  expect(redactSentence(words.repeat(2)).endsWith(redacted)).toBe(true);
});
