import { z } from "zod";
import { ruleActivities } from "../signals/audit-activities.ts";
import { editDistance } from "./edit-distance.ts";

/** Names of activities, separated by commas or semicolons, in any case. A name that no rule can have is an error: it would never sign anybody out. */
export const auditRules = () =>
  z.string().transform((text, context): ReadonlySet<string> => {
    const entries = text
      .split(/[,;]/)
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");
    if (entries.length === 0) context.addIssue({ code: "custom", params: { found: "a list without an entry" } });
    const named = entries.map((entry) => ruleActivities.find((name) => plain(name) === plain(entry)));
    const unknown = entries.filter((_, index) => named[index] === undefined);
    if (unknown.length > 0) {
      context.addIssue({
        code: "custom",
        params: { found: `${unknown.length} unknown: ${unknown.map(describe).join("; ")}` },
      });
    }
    return new Set(named.filter((name) => name !== undefined));
  });

const plain = (name: string): string => name.toLowerCase().replace(/\s+/g, " ");

/** The name's length and not the name: it may be anything that was put in the wrong place. */
function describe(entry: string): string {
  const nearest = ruleActivities.toSorted((a, b) => distance(entry, a) - distance(entry, b))[0] ?? "";
  const isNear = distance(entry, nearest) <= nearest.length / 3;
  return `a name of ${entry.length} characters${isNear ? ` (did you mean ${nearest}?)` : ""}`;
}

const distance = (a: string, b: string): number => editDistance(plain(a), plain(b));
