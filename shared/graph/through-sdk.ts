import { GraphClientError } from "@microsoft/microsoft-graph-client";

/** Wraps an error for its way through the SDK, which replaces every other error by one of its own without a cause. */
export function throughSdk(error: Error): GraphClientError {
  const wrapped = new GraphClientError(error.message);
  wrapped.customError = error;
  return wrapped;
}

/** The error that `throughSdk` wrapped; any other as it is. */
export function fromSdk(error: unknown): unknown {
  return error instanceof GraphClientError && error.customError instanceof Error ? error.customError : error;
}
