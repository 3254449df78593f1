/** What goes back over the wire. `body` is sent as JSON; undefined means an empty body. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
  /** The body breaks off in the middle, as has been seen of answers with status 200 (issue: msgraph-sdk-java#694). */
  isTruncated?: boolean;
}

/** An answer, or the decision to destroy the connection instead. */
export type Outcome = Answer | "drop";

/** The first half of the body's JSON. */
export function halfOf(body: unknown): string {
  const text = JSON.stringify(body);
  return text.slice(0, Math.ceil(text.length / 2));
}

export function ok(body: unknown): Answer {
  return { status: 200, headers: {}, body };
}
