import { z } from "zod";
import { jsonOf } from "../http/call.ts";
import { Refusal } from "../refusal.ts";
import type { Tenant } from "../tenant.ts";

export interface ControlContext {
  readonly tenant: Tenant;
  readonly url: URL;
  /** What the path's groups matched, decoded and in lower case. */
  readonly params: readonly string[];
  /** Replaces the tenant by a fresh one. */
  reset(): void;
}

export interface ControlRoute {
  readonly method: string;
  readonly path: RegExp;
  run(context: ControlContext, text: string): unknown;
}

/** A route under `/simulator` whose body `schema` describes. Its result is sent as JSON. */
export function route<Body extends z.ZodType>(
  method: string,
  path: RegExp,
  schema: Body,
  handle: (context: ControlContext, body: z.output<Body>) => unknown,
): ControlRoute {
  return {
    method,
    path,
    run(context, text) {
      const parsed = schema.safeParse(text === "" ? {} : jsonOf(text));
      if (!parsed.success) throw new Refusal(400, "InvalidBody", z.prettifyError(parsed.error));
      return handle(context, parsed.data);
    },
  };
}

/** A parameter of the query, 0 when absent; a {@link Refusal} 400 for anything but a whole number. */
export function wholeNumber(url: URL, name: string): number {
  const value = Number(url.searchParams.get(name) ?? 0);
  if (!Number.isInteger(value) || value < 0) throw new Refusal(400, "InvalidQuery", `${name} must be a whole number`);
  return value;
}
