import type { Endpoint, Permission } from "./permissions.ts";

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

/** Our word for a 2xx whose body is no whole JSON. */
const TRUNCATED_BODY = "truncatedBody";

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

/**
 * The error of a read whose 2xx has a body that is no whole JSON. The next try has brought the whole, so it is a bad gateway by another
 * name (issues: connectors#3273, msgraph-sdk-java#694, msgraph-sdk-dotnet#1701).
 */
export function readTruncated(endpoint: Endpoint, answer: AcceptedAnswer): GraphRetryableError {
  const message = `${endpoint.name} answered ${answer.status} with a body that breaks off. It is tried again; see Microsoft 365 service health if it stays so.`;
  return new GraphRetryableError(message, { ...answer, code: TRUNCATED_BODY, reason: "unavailable" });
}

/** The error of a write whose 2xx has a body that is no whole JSON: who cut it off is not known, so nothing is known of the write. */
export function writeTruncated(endpoint: Endpoint, answer: AcceptedAnswer): GraphUncertainError {
  const message = `${endpoint.name} answered ${answer.status} with a body that breaks off: it may or may not have been applied. Read back before repeating it.`;
  return new GraphUncertainError(message, { ...answer, code: TRUNCATED_BODY });
}

/** Our words for a further page that Graph refuses although the page before it led there. */
const PAGE_REFUSALS: ReadonlyMap<number | undefined, string> = new Map([
  [400, "pageTokenRefused"],
  [404, "pageMissing"],
]);

/**
 * What a failed read of a further page means. The question was good on the first page, so a 400 is about the token of the page
 * (issues: msgraph-sdk-powershell#1388, "transient"; the code differs and may be empty) and a 404 says nothing about the list: both
 * pass when the list is read from its beginning.
 */
export function laterPageFailure(endpoint: Endpoint, error: unknown): unknown {
  if (!(error instanceof GraphPermanentError)) return error;
  const { status, requestId } = error;
  const code = PAGE_REFUSALS.get(status);
  if (code === undefined) return error;
  const message = `${endpoint.name} answered ${status} (${error.code}) to a further page although it had led there. The list is read anew.`;
  return new GraphRetryableError(message, { code, status, requestId, cause: error, reason: "unavailable" });
}

/** Whether a listing may go on only from its beginning. */
export const isPageTokenRefused = (error: unknown): boolean =>
  error instanceof GraphRetryableError && error.code === "pageTokenRefused";

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
  const message = `${endpoint.name} answered ${answer.status} (${answer.code}). ${advice(endpoint, answer, needed)}`;
  return new GraphPermanentError(message, answer);
}

/** Refusals that look like a missing permission and are not (issues: maester#1421 and microsoft-graph-docs#12537), by Graph's code. */
const LICENCES: ReadonlyMap<string, string> = new Map([
  [
    "AadPremiumLicenseRequired",
    "Graph finds no licence in the tenant; it does not say that a permission is missing: Privileged Identity Management needs Microsoft Entra ID P2 or ID Governance. Without it the app cannot see what is active, and watches nothing.",
  ],
  [
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Graph finds no licence in the tenant; it does not say that a permission is missing: the audit log needs Microsoft Entra ID P1 or P2. Licensed tenants have been refused like this at random: there the next reading may succeed.",
  ],
]);

/** Whether Graph refuses with this code because the tenant has no licence. */
export const isLicenceMissing = (code: string): boolean => LICENCES.has(code);

/** Whether another try of a read may bring more: one refusal for want of a licence proves nothing, since licensed tenants get it at random. */
export const mayPass = (error: unknown): error is GraphRetryableError | GraphPermanentError =>
  error instanceof GraphRetryableError || (error instanceof GraphPermanentError && isLicenceMissing(error.code));

function advice({ permissions }: Endpoint, { status, code }: FailedAnswer, needed: readonly Permission[]): string {
  const licence = LICENCES.get(code);
  if (licence !== undefined) return licence;
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

/** What a failed request or batch item says about itself. Never its message: it may name people (Graph docs: errors). */
interface FailedAnswer {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  /** Milliseconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;
}

/** What a 2xx says about itself besides its body. */
type AcceptedAnswer = Pick<FailedAnswer, "status" | "requestId">;
