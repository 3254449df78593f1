import { type GraphError, GraphPermanentError, GraphRetryableError, GraphUncertainError } from "./graph-errors.ts";
import type { FailedAnswer } from "./http-answer.ts";
import type { NoAnswerError } from "./no-answer-error.ts";
import type { Endpoint, Permission } from "./permissions.ts";

/** 408 says that a proxy gave up waiting, not that the request was wrong. */
const isUnavailable = (status: number): boolean => status >= 500 || status === 408;
const isRefusal = (status: number): boolean => status >= 400 && !isUnavailable(status) && status !== 429;

/** The error of a read that Graph answered with anything but 2xx; `needed` are the permissions that the app should have. */
export function readFailure(
  endpoint: Endpoint,
  answer: FailedAnswer,
  needed: readonly Permission[],
): GraphRetryableError | GraphPermanentError {
  if (answer.status === 429) return throttled(endpoint, answer);
  if (isUnavailable(answer.status)) {
    const message = `${endpoint.name} answered ${answer.status} (${answer.code}). It is tried again; see Microsoft 365 service health if it stays so.`;
    return new GraphRetryableError(message, { ...answer, reason: "unavailable" });
  }
  return refused(endpoint, answer, needed);
}

/** The error of a read that got no answer. */
export const readUnanswered = (endpoint: Endpoint, error: NoAnswerError): GraphRetryableError =>
  new GraphRetryableError(unanswered(endpoint, error), { code: error.code, reason: "unavailable", cause: error.cause });

/** The error of a write. Only 429 and the other 4xx prove that it was not applied. */
export function writeFailure(endpoint: Endpoint, answer: FailedAnswer, needed: readonly Permission[]): GraphError {
  if (answer.status === 429) return throttled(endpoint, answer);
  if (isRefusal(answer.status)) return refused(endpoint, answer, needed);
  const message = `${endpoint.name} answered ${answer.status} (${answer.code}): it may or may not have been applied. Read back before repeating it.`;
  return new GraphUncertainError(message, answer);
}

/** The error of a write that got no answer: harmless only when it provably never left. */
export function writeUnanswered(endpoint: Endpoint, error: NoAnswerError): GraphRetryableError | GraphUncertainError {
  if (!error.sent) return readUnanswered(endpoint, error);
  const message = `${unanswered(endpoint, error)} It may or may not have been applied: read back before repeating it.`;
  return new GraphUncertainError(message, { code: error.code, cause: error.cause });
}

function unanswered(endpoint: Endpoint, { code }: NoAnswerError): string {
  return code === "tokenUnavailable"
    ? `No access token for ${endpoint.name}: check the app's identity and the authority of its cloud. Nothing was sent.`
    : `${endpoint.name} was not answered (${code}).`;
}

function throttled(endpoint: Endpoint, answer: FailedAnswer): GraphRetryableError {
  const message = `${endpoint.name} was throttled (${answer.code}). Wait as long as Graph asks.`;
  return new GraphRetryableError(message, { ...answer, reason: "throttled" });
}

function refused(endpoint: Endpoint, answer: FailedAnswer, needed: readonly Permission[]): GraphPermanentError {
  const message = `${endpoint.name} answered ${answer.status} (${answer.code}). ${advice(endpoint, answer.status, needed)}`;
  return new GraphPermanentError(message, answer);
}

function advice({ permissions }: Endpoint, status: number, needed: readonly Permission[]): string {
  const permission = permissions.find((one) => needed.includes(one)) ?? permissions[0];
  if (status === 401)
    return "Graph did not accept the token: check that authority, scope and base URL are of the same cloud.";
  if (status === 403 && permission) {
    return (
      `Grant the app's identity the application permission ${permission.name} (${permission.appRoleId}); it is needed for ` +
      `${permission.feature}. A managed identity may carry its old permissions for up to 24 hours.`
    );
  }
  if (status === 404) return "The object does not exist or is not replicated yet.";
  if (status < 400) return "A redirect is not followed: check the base URL of Microsoft Graph.";
  return "Trying again will not help: give the request-id to Microsoft support.";
}
