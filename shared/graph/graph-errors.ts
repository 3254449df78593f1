/** Every way in which Microsoft Graph can fail us. Three kinds, because each asks for something else. */

interface GraphErrorDetails {
  /** Graph's `error.code` or our own word for a failure that has none, e.g. `timeout`. */
  readonly code: string;
  /** HTTP status; undefined when no answer arrived. */
  readonly status?: number | undefined;
  /** `request-id` of the answer, for Microsoft's support. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

abstract class GraphErrorBase extends Error {
  readonly code: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, details: GraphErrorDetails) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.status = details.status;
    this.requestId = details.requestId;
  }
}

/** Worth trying again later; provably not applied. */
export class GraphRetryableError extends GraphErrorBase {
  /** `throttled`: Graph is well and asks us to wait. `unavailable`: 5xx, timeout or network. */
  readonly reason: "throttled" | "unavailable";
  /** Milliseconds to wait, from `Retry-After`; undefined when Graph did not say. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    details: GraphErrorDetails & { reason: "throttled" | "unavailable"; retryAfter?: number | undefined },
  ) {
    super(message, details);
    this.reason = details.reason;
    this.retryAfter = details.retryAfter;
  }
}

/** Trying again changes nothing until somebody acts (403, 404, another 4xx, an answer that is not what was promised); provably not applied. */
export class GraphPermanentError extends GraphErrorBase {}

/** A write whose answer we did not get: it may or may not have been applied. */
export class GraphUncertainError extends GraphErrorBase {}

export type GraphError = GraphRetryableError | GraphPermanentError | GraphUncertainError;

export const isGraphError = (error: unknown): error is GraphError => error instanceof GraphErrorBase;
