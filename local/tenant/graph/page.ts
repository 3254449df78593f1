import { z } from "zod";
import { type Answer, ok } from "../http/answer.ts";
import { jsonOf } from "../http/call.ts";
import type { Tenant } from "../tenant.ts";
import type { GraphContext } from "./endpoint.ts";
import { badRequest, expiredPageToken } from "./graph-error.ts";
import type { Row } from "./odata.ts";

const position = z.object({
  offset: z.number().int().nonnegative(),
  /** The tenant's time when the page before was given, milliseconds. */
  givenAt: z.number(),
});

/**
 * One page of a list. The token in `@odata.nextLink` is opaque to callers; behind it is only an offset, so a row that leaves
 * between two pages makes another one slip through, as in the real service.
 */
export function page({ tenant, call }: GraphContext, context: string, rows: readonly Row[]): Answer {
  const { searchParams } = call.url;
  const top = Number(searchParams.get("$top") ?? tenant.settings.pageSize);
  if (!Number.isInteger(top) || top < 1) throw badRequest("Invalid value for $top.");
  const size = Math.min(top, tenant.settings.pageSize);
  const offset = readToken(tenant, searchParams.get("$skiptoken"));
  const next = offset + size;
  return ok({
    "@odata.context": metadata(call.url, context),
    ...(next < rows.length
      ? { "@odata.nextLink": linkTo(call.url, { offset: next, givenAt: tenant.clock.now() }) }
      : {}),
    value: rows.slice(offset, next),
  });
}

export function metadata(url: URL, context: string): string {
  return `${url.origin}/v1.0/$metadata#${context}`;
}

function readToken({ settings, clock }: Tenant, token: string | null): number {
  if (token === null) return 0;
  const parsed = position.safeParse(jsonOf(Buffer.from(token, "base64url").toString()));
  if (!parsed.success) throw badRequest("The $skiptoken is not valid.");
  const { offset, givenAt } = parsed.data;
  const { pageTokenSeconds } = settings;
  if (pageTokenSeconds !== null && clock.now() - givenAt >= pageTokenSeconds * 1000) throw expiredPageToken();
  return offset;
}

function linkTo(url: URL, after: z.infer<typeof position>): string {
  const link = new URL(url);
  link.searchParams.set("$skiptoken", Buffer.from(JSON.stringify(after)).toString("base64url"));
  return link.href;
}
