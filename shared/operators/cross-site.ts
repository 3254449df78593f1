/** The part of an HTTP request that says who calls, and from where. */
export interface CallerRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/**
 * Whether a request may act, as far as its origin goes: an operator's browser must not be made to act by another site. Another site's page can
 * send neither JSON without asking first (Fetch standard: CORS-safelisted content types), nor hide where the request comes from.
 */
export function isSameSite({ method, url, headers }: CallerRequest): boolean {
  if (method === "GET" || method === "HEAD") return true;
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") return false;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  const origin = headers.get("origin");
  return origin === null || hostOf(origin) === hostOf(url);
}

const hostOf = (url: string): string | null => URL.parse(url)?.host ?? null;
