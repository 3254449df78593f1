/** A try that brought no answer. Internal to the gateway: reads and the revoke make different errors of it. */
export class NoAnswerError extends Error {
  /** Our word for it: `timeout`, `tokenUnavailable`, or the network's own code, e.g. `ECONNRESET`. */
  readonly code: string;
  /** False only when the request provably never left: then it was provably not applied. */
  readonly sent: boolean;

  constructor(code: string, sent: boolean, cause: unknown) {
    super(`No answer: ${code}`, { cause });
    this.name = "NoAnswerError";
    this.code = code;
    this.sent = sent;
  }
}

/** Failures to get a connection at all. A reset or closed connection is not among them: the request may have been read before. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const hasCode = (value: unknown): value is { readonly code: string } =>
  typeof value === "object" && value !== null && "code" in value && typeof value.code === "string";

/** What made `fetch` or the reading of a body fail. Node's fetch hides the network's error in `cause`. */
export function noAnswer(error: unknown): NoAnswerError {
  if (error instanceof NoAnswerError) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") return new NoAnswerError("timeout", true, error);
  const cause = error instanceof Error ? error.cause : undefined;
  const code = hasCode(cause) ? cause.code : "networkError";
  return new NoAnswerError(code, !NEVER_CONNECTED.has(code), error);
}
