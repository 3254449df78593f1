import { renderPage } from "./page/render-page.ts";
import { clientScriptHash } from "./page.ts";
import type { Status } from "./status-parts.ts";

export interface StatusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const common = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", Vary: "Accept" };
const policy =
  `default-src 'none'; script-src '${clientScriptHash}'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page for a browser, the same as JSON for whoever asks for `application/json`. */
export function respondStatus(status: Status, accept: string | null): StatusAnswer {
  if (accept !== null && /\bapplication\/json\b/.test(accept)) {
    return { status: 200, headers: { ...common, "Content-Type": "application/json" }, body: JSON.stringify(status) };
  }
  const headers = { ...common, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
  return { status: 200, headers: { ...headers, "Referrer-Policy": "no-referrer" }, body: renderPage(status) };
}
