import type { RawSettings, SettingProblem } from "./settings.ts";

/** Settings of the Functions host whose names are so near to ours that they would count as misspelt. */
const foreign: ReadonlySet<string> = new Set(["AzureWebJobsStorage__blobServiceUri"]);

/** Settings of earlier editions, and why they are gone. */
const gone: ReadonlyMap<string, string> = new Map([
  ["WHEN_UNREADABLE", "nothing: nobody is cut without proof while Graph cannot be read (docs/faq.md)"],
  ["REVOKE_WHEN_REACTIVATED", "nothing: a user who holds the role again has lost nothing (docs/faq.md)"],
]);

/** Reports settings that are gone: an operator who sets one would otherwise believe that it works. */
export const goneSettings = (raw: RawSettings): readonly SettingProblem[] =>
  Object.keys(raw).flatMap((setting) => {
    const expected = gone.get(setting);
    if (expected === undefined) return [];
    return [{ setting, found: "a setting that is gone", expected, example: `(remove ${setting})` }];
  });

/**
 * Reports settings whose name is almost one of ours: a safety setting that is silently not read is worse than an app that does not start.
 * Their values are never shown.
 */
export const misspeltSettings = (raw: RawSettings, names: readonly string[]): readonly SettingProblem[] =>
  Object.keys(raw).flatMap((setting) => {
    if (names.includes(setting) || foreign.has(setting)) return [];
    const meant = names.find((name) => looksLike(setting, name));
    if (meant === undefined) return [];
    return {
      setting,
      found: "a setting that does not exist",
      expected: `a name that exists: did you mean ${meant}?`,
      example: meant,
    };
  });

function looksLike(setting: string, name: string): boolean {
  const [given, known] = [plain(setting), plain(name)];
  // Short names are near to many others: a fifth of the name may differ, but never more than two characters.
  const tolerance = Math.min(2, Math.floor(known.length / 5));
  return Math.abs(given.length - known.length) <= tolerance && editDistance(given, known, tolerance) <= tolerance;
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * How many characters have to be added, removed or replaced to turn one text into the other (Levenshtein). Once it is certain that there are
 * more than `most`, some number above `most` is returned: at the start of the app hundreds of names are compared.
 */
export function editDistance(from: string, to: string, most = Number.POSITIVE_INFINITY): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 0; row < from.length; row += 1) {
    const current = [row + 1];
    let least = row + 1;
    for (let column = 0; column < to.length; column += 1) {
      const replaced = (previous[column] ?? 0) + (from[row] === to[column] ? 0 : 1);
      const removed = (previous[column + 1] ?? 0) + 1;
      const added = (current[column] ?? 0) + 1;
      const distance = Math.min(replaced, removed, added);
      current.push(distance);
      least = Math.min(least, distance);
    }
    // The least number of a row never falls from one row to the next.
    if (least > most) return least;
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
