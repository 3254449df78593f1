import { editDistance } from "./fields.ts";
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
