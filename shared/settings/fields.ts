import { z } from "zod";
import { ruleActivities } from "../signals/audit-activities.ts";
import { editDistance } from "./misspelt.ts";

/** One of these words in any case, because Bicep writes a boolean as `True`; the result is in the case given here. */
export const oneOf = <const T extends string>(...words: readonly T[]) =>
  z.string().transform((text, context): T => {
    const word = words.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (word !== undefined) return word;
    context.addIssue({ code: "custom" });
    return z.NEVER;
  });

/** `true` or `false`. */
export const truth = () => oneOf("true", "false").transform((word) => word === "true");

/** A whole number without sign, within the limits. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));

/** What a CRON expression can repeat evenly: divisors of a minute, then whole minutes that divide an hour. */
const evenSeconds: readonly number[] = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 300];

export const resyncSeconds = () =>
  z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .refine((seconds) => evenSeconds.includes(seconds));

/** Entra shows object ids in lower case, people paste them in any; versions differ, so only the form counts. */
const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** One object or application id, lower-cased. */
export const guid = () => z.string().toLowerCase().regex(form);

/** The entries of a list of object ids, lower-cased; not yet checked. */
export const splitIds = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((entry) => entry !== "");

/** Object ids separated by commas, semicolons or spaces. */
export const guidList = () => z.string().transform(toGuids);

/** `all`, or object ids as in `guidList`. */
export const allOrGuidList = () =>
  z.string().transform((text, context) => (text.toLowerCase() === "all" ? "all" : toGuids(text, context)));

/** `auto`, `none`, or object ids as in `guidList`. */
export const watchedGroups = () =>
  z.string().transform((text, context): "auto" | "none" | ReadonlySet<string> => {
    const word = text.toLowerCase();
    return word === "auto" || word === "none" ? word : toGuids(text, context);
  });

/** Wrong entries are told by their place and not shown: somebody may have put a name there. */
function toGuids(text: string, context: z.RefinementCtx): ReadonlySet<string> {
  const entries = splitIds(text);
  if (entries.length === 0) context.addIssue({ code: "custom", params: { found: "a list without an entry" } });
  for (const [index, entry] of entries.entries()) {
    if (form.test(entry)) continue;
    const found = `entry ${index + 1} of ${entries.length}, with ${entry.length} characters, is no object id`;
    context.addIssue({ code: "custom", params: { found } });
  }
  return new Set(entries);
}

/** `all`, or role names and template ids separated by commas or semicolons: names hold spaces. Whether they exist only Graph can tell. */
export const allOrRoleList = () =>
  z.string().transform((text, context): "all" | readonly string[] => {
    if (text.toLowerCase() === "all") return "all";
    const entries = text
      .split(/[,;]/)
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");
    if (entries.length === 0) context.addIssue({ code: "custom", params: { found: "a list without an entry" } });
    return entries;
  });

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

/** Characters below which guessing pays: `openssl rand -base64 32` gives 44. */
const minLength = 32;

/** What is found where a reference stands instead of a secret. */
export const unresolved = "a reference that was not resolved";

/**
 * A secret that is long enough to derive keys from; never shown. A Key Vault reference that could not be resolved reaches the app as its own
 * text (App Service docs: Use Key Vault references), which is long enough and no secret at all.
 */
export const secret = () =>
  z
    .string()
    .min(minLength)
    .refine((text) => !text.startsWith("@Microsoft."), { params: { found: unresolved } });

/** The secret of a webhook as Standard Webhooks writes it; its bytes. */
export const webhookSecret = () =>
  z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/)
    .transform((text) => Buffer.from(text.slice("whsec_".length), "base64"))
    .refine((bytes) => bytes.length >= 24 && bytes.length <= 64);
