/** What goes back over the wire. `body` is sent as JSON; undefined means an empty body. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}

/** An answer, or the decision to destroy the connection instead. */
export type Outcome = Answer | "drop";

export function ok(body: unknown): Answer {
  return { status: 200, headers: {}, body };
}
