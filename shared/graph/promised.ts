import type { z } from "zod";
import { GraphPermanentError } from "./graph-errors.ts";
import type { Endpoint } from "./permissions.ts";

/** An answer that is not what Graph's documentation promises. `where` is a place in it, never its content. */
export const unexpectedAnswer = (endpoint: Endpoint, where: string): GraphPermanentError =>
  new GraphPermanentError(
    `${endpoint.name}: ${where} is not what Microsoft Graph's documentation promises. Nothing was concluded from this answer.`,
    { code: "unexpectedAnswer" },
  );

/**
 * Parses a part of an answer.
 * @param place where the part is, e.g. `value[3]`; empty for the whole body
 * @throws GraphPermanentError `unexpectedAnswer`
 */
export function promised<T>(endpoint: Endpoint, schema: z.ZodType<T>, part: unknown, place = ""): T {
  const parsed = schema.safeParse(part);
  if (parsed.success) return parsed.data;
  throw unexpectedAnswer(endpoint, placeOf(parsed.error, place));
}

/** Where the first thing lies that is not as promised, e.g. `value[3].memberType`; never its content. */
export function placeOf({ issues }: z.ZodError, place: string): string {
  const path = issues.slice(0, 1).flatMap((issue) => issue.path.map(String));
  return [place, ...path].filter((step) => step !== "").join(".") || "the body";
}
