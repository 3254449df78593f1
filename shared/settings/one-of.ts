import { z } from "zod";

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
