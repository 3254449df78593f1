import { z } from "zod";

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
