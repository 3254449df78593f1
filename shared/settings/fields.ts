import { z } from "zod";
import { ruleActivities } from "../base/audit-activities.ts";

/** Texts for people about a value. Some come with the kind of value, the others with the definition of the setting. */
interface ValueHelp {
  /** The accepted values, worded to follow "expected". */
  readonly expected: string;
  /** A value that would be accepted. */
  readonly example: string;
  /** Whether an error repeats a wrong value. False if the value might be a secret or a name, even one that was meant for another setting. */
  readonly shown: boolean;
  /** The only words that are accepted; null when there are others, or none. */
  readonly words: readonly string[] | null;
}

/** The text for people about a setting: errors, docs/settings.md and the templates all take it from here. */
export interface SettingHelp extends ValueHelp {
  /** What the setting does, in Markdown. */
  readonly meaning: string;
  /** What applies while the setting is not set, in Markdown. */
  readonly unset: string;
  /** Where the value comes from in Azure; settings for developers have no place there. */
  readonly setBy: "operator" | "deployment" | "platform" | "developer";
  /** A secret comes from Key Vault and is never a parameter of a deployment. */
  readonly isSecret: boolean;
  /** The value that a deployment sets when the operator chooses none; empty: the default of the app. */
  readonly deployed: string;
  /** The value in `local.settings.json.example`; null: the setting is not in that file. */
  readonly local: string | null;
}

type About = Partial<SettingHelp> & Pick<SettingHelp, "meaning">;

const noHelp = {
  expected: "",
  example: "",
  shown: false,
  words: null,
  setBy: "operator",
  isSecret: false,
  deployed: "",
  local: null,
} as const;

const valueHelp = z.registry<Partial<ValueHelp>>();
const settingHelp = z.registry<SettingHelp>();

/** The text for people about a setting, by its field; undefined for a field that belongs to no setting. */
export const helpOf = (field: z.ZodType): SettingHelp | undefined => settingHelp.get(field);

/** A setting without which the app does not start. */
export function required<T extends z.ZodType>(kind: T, about: About): T {
  settingHelp.add<z.ZodType>(kind, { ...noHelp, ...valueHelp.get(kind), unset: "required", ...about });
  return kind;
}

/** A setting that may be left out; then it is undefined. */
export function optional<T extends z.ZodType>(kind: T, about: About): z.ZodOptional<T> {
  const field = kind.optional();
  settingHelp.add<z.ZodType>(field, { ...noHelp, ...valueHelp.get(kind), unset: "none", ...about });
  return field;
}

/** A setting with a default, which is an example of it as well. */
export function withDefault<T extends z.ZodType>(
  value: z.core.util.NoUndefined<z.output<T>>,
  kind: T,
  about: About,
): z.ZodDefault<T> {
  const field = kind.default(value);
  const isText = typeof value !== "object";
  const help = isText ? { example: String(value), unset: `\`${value}\`` } : { unset: "none" };
  settingHelp.add<z.ZodType>(field, { ...noHelp, ...valueHelp.get(kind), ...help, ...about });
  return field;
}

/** Refuses a value. `found` describes the value where its length says too little; it never repeats the value. */
export function refuse(context: z.RefinementCtx, found?: string) {
  context.addIssue({ code: "custom", params: found === undefined ? {} : { found } });
  return z.NEVER;
}

const listed = (words: readonly string[]): string => words.join(", ").replace(/, ([^,]*)$/, " or $1");

/** One of these words in any case, because Bicep writes a boolean as `True`; the result is in the case given here. */
export const oneOf = <const T extends string>(...words: readonly T[]) =>
  z
    .string()
    .transform((text, context): T => {
      const word = words.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
      return word ?? refuse(context);
    })
    .register(valueHelp, { expected: listed(words), example: words[0] ?? "", shown: true, words });

/** `true` or `false`, in any case. */
export const truth = () =>
  z
    .stringbool({ truthy: ["true"], falsy: ["false"] })
    .register(valueHelp, { expected: "true or false", example: "true", shown: true, words: ["true", "false"] });

/** A whole number of these units, without sign, from `min` to `max`. */
export const wholeNumber = (units: string, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .register(valueHelp, {
      expected: `a whole number of ${units} from ${min} to ${max}`,
      example: String(max),
      shown: true,
    });

/** What a CRON expression can repeat evenly: divisors of a minute, then whole minutes that divide an hour. */
const evenSeconds: readonly number[] = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 300];

/** Seconds that a timer of the Functions host can repeat evenly. */
export const resyncSeconds = () =>
  z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .refine((seconds) => evenSeconds.includes(seconds))
    .register(valueHelp, { expected: `${listed(evenSeconds.map(String))} seconds`, example: "10", shown: true });

/** An id for examples, which no real object has. */
export const exampleId = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

/** One object or application id, lower-cased: Entra shows ids in lower case, people paste them in any. The version of the GUID does not count. */
export const guid = () => z.guid().toLowerCase().register(valueHelp, { example: exampleId });

/** One of these words in any case, or the result of `read` for any other text. */
export const wordOr = <const W extends string, T>(
  words: readonly W[],
  read: (text: string, context: z.RefinementCtx) => T,
) =>
  z
    .string()
    .transform((text, context): W | T => words.find((word) => word === text.toLowerCase()) ?? read(text, context));

/** A list alone, without a word that could stand for it. */
export const listOf = <T>(read: (text: string, context: z.RefinementCtx) => T) => z.string().transform(read);

/** The entries of a list of object ids, lower-cased but not yet checked. */
export const splitIds = (text: string): readonly string[] => split(text.toLowerCase(), /[\s,;]+/);

/** Object ids separated by commas, semicolons or spaces. An error names a wrong entry by its place: it may be a person's name. */
export function ids(text: string, context: z.RefinementCtx): ReadonlySet<string> {
  const entries = splitIds(text);
  if (entries.length === 0) refuse(context, emptyList);
  for (const [index, entry] of entries.entries()) {
    if (z.regexes.guid.test(entry)) continue;
    refuse(context, `entry ${index + 1} of ${entries.length}, with ${entry.length} characters, is no object id`);
  }
  return new Set(entries);
}

/** Role names and template ids separated by commas or semicolons: names hold spaces. Only Graph knows whether such a role exists. */
export function roles(text: string, context: z.RefinementCtx): readonly string[] {
  const entries = split(text, /[,;]/);
  if (entries.length === 0) refuse(context, emptyList);
  return entries;
}

/** Activities of the audit log, separated like roles, in any case. An activity that no rule can name is an error, since it would never lead to a sign-out. */
export function activities(text: string, context: z.RefinementCtx): ReadonlySet<string> {
  const entries = split(text, /[,;]/);
  if (entries.length === 0) refuse(context, emptyList);
  const named = entries.map((entry) => ruleActivities.find((name) => plain(name) === plain(entry)));
  const unknown = entries.filter((_, index) => named[index] === undefined);
  if (unknown.length > 0) refuse(context, `${unknown.length} unknown: ${unknown.map(describe).join("; ")}`);
  return new Set(named.filter((name) => name !== undefined));
}

const emptyList = "a list without an entry";

const split = (text: string, separator: RegExp): readonly string[] =>
  text
    .split(separator)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");

const plain = (name: string): string => name.toLowerCase().replace(/\s+/g, " ");

/** Shows the length of the name and not the name: it may be a value that was meant for another setting. */
function describe(entry: string): string {
  const nearest = ruleActivities.toSorted((a, b) => distance(entry, a) - distance(entry, b))[0] ?? "";
  const isNear = distance(entry, nearest) <= nearest.length / 3;
  return `a name of ${entry.length} characters${isNear ? ` (did you mean ${nearest}?)` : ""}`;
}

const distance = (a: string, b: string): number => editDistance(plain(a), plain(b));

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
