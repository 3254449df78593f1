import type { OutgoingMessage } from "./standard.ts";

/** What came of one delivery: its status, or `0` when no answer came. */
export interface Delivery {
  readonly status: number;
  readonly delivered: boolean;
  /** What the receiver asked to wait, milliseconds; null when it said nothing. */
  readonly retryAfter: number | null;
}

export type PostMessage = (message: OutgoingMessage) => Promise<Delivery>;

/** Milliseconds; receivers are to answer within 15 to 30 s (Standard Webhooks). */
const timeout = 15_000;

/** Only a 2xx is a delivery. Redirects are not followed: the message goes where the setting says and nowhere else. */
export const createPost =
  (url: string, fetch: typeof globalThis.fetch): PostMessage =>
  async ({ headers, body }) => {
    try {
      const signal = AbortSignal.timeout(timeout);
      const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      await response.body?.cancel();
      return { status: response.status, delivered: response.ok, retryAfter: secondsOf(response.headers) };
    } catch {
      // No answer, for whatever reason: it may have been delivered, and is sent again under the same id.
      return { status: 0, delivered: false, retryAfter: null };
    }
  };

function secondsOf(headers: Headers): number | null {
  const text = headers.get("retry-after") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}
