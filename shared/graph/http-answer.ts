import { z } from "zod";

const errorBody = z.object({ error: z.object({ code: z.string().regex(/^[\w.-]{1,100}$/) }) });

/** What a failed request or batch item says about itself. Never its message: it may name people (Graph docs: errors). */
export interface FailedAnswer {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  /** Milliseconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;
}

/** `error.code` of a body, else a word made of the status, e.g. `http503`. */
export function errorCode(body: unknown, status: number): string {
  const parsed = errorBody.safeParse(body);
  return parsed.success ? parsed.data.error.code : `http${status}`;
}

/** The body as JSON; undefined when it is none. Rejects when it cannot be read to its end. */
export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Headers of a response, or of an item in a batch. Names are given in lower case. */
export interface HeaderSource {
  get(name: string): string | null;
}

/** The form that HTTP demands (RFC 9110, IMF-fixdate). Date.parse alone would take a mere digit for a date. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function httpDate(text: string | null): number | undefined {
  const time = text !== null && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** `Date` in epoch milliseconds; undefined when it is missing or unreadable. */
export const answerDate = (headers: HeaderSource): number | undefined => httpDate(headers.get("date"));

/**
 * `Retry-After` in milliseconds, rounded up: seconds, also fractional (Graph docs: throttling), or an HTTP date, which counts from
 * the answer's own date because this machine's clock may be wrong.
 */
export function retryAfter(headers: HeaderSource, date: number | undefined): number | undefined {
  const text = headers.get("retry-after");
  if (text !== null && /^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const until = httpDate(text);
  return until === undefined || date === undefined ? undefined : Math.max(0, until - date);
}
