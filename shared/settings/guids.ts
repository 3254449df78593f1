import { z } from "zod";

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
