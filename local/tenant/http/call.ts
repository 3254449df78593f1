/** One HTTP request, or one item of a batch, after its body was read. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it came; empty when there was none. */
  readonly text: string;
  readonly inBatch: boolean;
}

/** Path and query, decoded for people to read: what faults match and the history shows. */
export function pathOf(call: Call): string {
  const path = `${call.url.pathname}${call.url.search}`;
  try {
    return decodeURIComponent(path.replaceAll("+", " "));
  } catch {
    return path; // a stray percent sign is a legal, if odd, path
  }
}

/** The body as JSON; undefined when it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
