import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type LagName, lagTable } from "../../../shared/detection/lag.ts";

const folders = ["model", "detection", "enforcement", "reconcile"];
/** The table itself, and the cadences and leases of our own, which stand apart from it. */
const tables = ["shared/detection/lag.ts", "shared/detection/cadences.ts"];
const names = Object.keys(lagTable);

const sources = folders
  .flatMap((folder) =>
    readdirSync(`shared/${folder}`, { recursive: true, encoding: "utf8" }).map((file) => join("shared", folder, file)),
  )
  .filter((file) => file.endsWith(".ts") && !tables.includes(file))
  .map((file) => ({ file, text: readFileSync(file, "utf8") }));

/** Words of Graph's lateness. A `later` wake-up or a late message is none. */
const lateness = /\b(?:lag|lags|lagging|lagged|lateness|replicas?|replicat\w+|stale)\b/i;
const rowName = new RegExp(`\\b(?:${names.join("|")})\\b`);

/** None, one, two, or a second: Graph's and storage's times are whole seconds, which is no lateness. */
const harmless = new Set([0, 1, 2, 999, 1000]);

const withoutTexts = (code: string): string =>
  code.replace(/"[^"]*"|'[^']*'|\/(?:\\.|[^/\s])+\/[a-z]*/g, '""').replace(/`[^`]*`/g, "``");
/** When to read again after an answer: a cadence. */
const withoutCadence = (code: string): string => code.replace(/\bdate \+ [\d_]+/g, "date");
const isComment = (line: string): boolean => /^\s*(?:\/\/|\/\*|\*)/.test(line);

/**
 * Lines with a number that may be one about lateness: the line, or the comment right above it, has a word of lateness or the name of a row of the table.
 * A number of the table that was written anew, added to a bound or compared with an age falls under this.
 */
function lateNumbers(text: string): readonly string[] {
  const found: string[] = [];
  let comment = "";
  for (const line of text.split("\n")) {
    if (isComment(line)) {
      comment += line;
      continue;
    }
    const [code = "", beside = ""] = withoutTexts(line).split("//");
    const numbers = [...withoutCadence(code).matchAll(/(?<![\w$.])\d[\d_]*(?:\.\d+)?/g)].map(([digits]) =>
      Number(digits.replaceAll("_", "")),
    );
    const isAbout = [comment, beside, code].some((part) => lateness.test(part)) || rowName.test(code);
    if (isAbout && numbers.some((number) => !harmless.has(number))) found.push(line.trim());
    comment = "";
  }
  return found;
}

test.each(sources)("$file has no number about Graph's lateness", ({ text }) => {
  expect(lateNumbers(text)).toEqual([]);
});

describe("such a number is", () => {
  test.each([
    {
      what: "a bound of one's own",
      text: "/** A lagging replica may show it for so long. */\nconst staleFor = 300_000;",
    },
    { what: "a comment beside it", text: "const margin = 5 * minute; // a replica may lag" },
    { what: "a sum with a bound", text: "const until = since + lag.staleRow + 5000;" },
    { what: "a multiple of one", text: "return date - since > 3 * brokenRun;" },
    { what: "a bound by another name", text: "const staleRow = 6 * 60_000;" },
    { what: "a row of the table overridden", text: "  lag: { ...lag, forget: 24 * hour }," },
  ])("$what", ({ text }) => {
    expect(lateNumbers(text)).toHaveLength(1);
  });

  test.each([
    { what: "a whole second", text: "return Math.max(at + lag.staleRow, date + 1000);" },
    { what: "a count or a size", text: "/** So many sources are remembered. */\nconst mostSources = 30;" },
    { what: "a cadence of our own", text: "/** Messages come late. */\nconst soon = 30_000;" },
    { what: "when to read again", text: "until: Math.min(since + lag.sessionsLag, date + 2000)," },
    { what: "a bound itself", text: "return date - since < lag.staleRow;" },
    { what: "a text", text: 'throw new Error("A replica may lag for 300 s.");' },
    {
      what: "a comment's own number",
      text: "// A replica was seen to lag for 300 s.\nconst isStale = since + lag.staleRow > date;",
    },
  ])("not $what", ({ text }) => {
    expect(lateNumbers(text)).toEqual([]);
  });
});

/** Where a rule reads its bound: `lag.staleRow`, or taken apart as `{ staleRow }`. */
const reads = (text: string, name: string): boolean =>
  new RegExp(`\\blag\\.${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\}: Lag\\b`).test(text);

test.each(names)("the row %s is read by the core: a row that protects nothing is removed", (name) => {
  expect(sources.filter(({ text }) => reads(text, name)).map(({ file }) => file)).not.toEqual([]);
});

test("a row that nothing reads would be noticed", () => {
  const name: LagName = "staleRow";
  expect(reads(`/** lag table: ${name} */ const age = ${name};`, name)).toBe(false);
});
