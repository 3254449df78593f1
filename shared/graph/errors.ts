import type { Endpoint, Permission } from "./permissions.ts";

/** All failures of Microsoft Graph, in three kinds: each kind needs a different reaction. */

interface GraphErrorDetails {
  /** Graph's `error.code`, or the app's own code for a failure without one, e.g. `timeout`. */
  readonly code: string;
  /** HTTP status; undefined when no answer arrived. */
  readonly status?: number | undefined;
  /** `request-id` of the answer. Microsoft's support asks for it. */
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

/** The app's code for a 2xx answer with an incomplete JSON body. */
const TRUNCATED_BODY = "truncatedBody";

/** A later try may succeed. The request was provably not applied. */
export class GraphRetryableError extends GraphErrorBase {
  /** `throttled`: Graph works but demands a wait. `unavailable`: 5xx, timeout or network. */
  readonly reason: "throttled" | "unavailable";
  /** Milliseconds to wait, from `Retry-After`; undefined without that header. */
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

/** Another try fails too until a person acts (403, 404, another 4xx, an answer not as documented). The request was provably not applied. */
export class GraphPermanentError extends GraphErrorBase {}

/** A write without a usable answer: it may or may not have been applied. */
export class GraphUncertainError extends GraphErrorBase {}

export type GraphError = GraphRetryableError | GraphPermanentError | GraphUncertainError;

export const isGraphError = (error: unknown): error is GraphError => error instanceof GraphErrorBase;

/** What telemetry records of a failed call. */
export function failureOf(error: GraphError) {
  const { code, status = null, requestId = null, message } = error;
  return { code, status, requestId, message };
}

/** A 408 means that a proxy stopped waiting. It does not mean that the request was wrong. */
const isUnavailable = (status: number): boolean => status >= 500 || status === 408;
const isRefusal = (status: number): boolean => status >= 400 && !isUnavailable(status) && status !== 429;

/** The error of a read that Graph did not answer with a 2xx. `needed`: the permissions that the app should have. */
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

/** The error of a read without an answer. */
export const readUnanswered = (endpoint: Endpoint, error: NoAnswerError): GraphRetryableError =>
  new GraphRetryableError(unanswered(endpoint, error), { code: error.code, reason: "unavailable", cause: error.cause });

/**
 * The error of a read with a 2xx answer but an incomplete JSON body. In known cases the next try returned all of it, so this counts as a
 * fault of a gateway (issues: connectors#3273, msgraph-sdk-java#694, msgraph-sdk-dotnet#1701).
 */
export function readTruncated(endpoint: Endpoint, answer: AcceptedAnswer): GraphRetryableError {
  const message = `${endpoint.name} answered ${answer.status} with a body that breaks off. It is tried again; see Microsoft 365 service health if it stays so.`;
  return new GraphRetryableError(message, { ...answer, code: TRUNCATED_BODY, reason: "unavailable" });
}

/** The error of a write with a 2xx answer but an incomplete JSON body. A proxy may have cut it off, so it is not known whether the write was applied. */
export function writeTruncated(endpoint: Endpoint, answer: AcceptedAnswer): GraphUncertainError {
  const message = `${endpoint.name} answered ${answer.status} with a body that breaks off: it may or may not have been applied. Read back before repeating it.`;
  return new GraphUncertainError(message, { ...answer, code: TRUNCATED_BODY });
}

/** The app's codes, by status, for a further page that Graph refuses although the page before linked to it. */
const PAGE_REFUSALS: ReadonlyMap<number | undefined, string> = new Map([
  [400, "pageTokenRefused"],
  [404, "pageMissing"],
]);

/**
 * The error for a failed read of a further page. Graph accepted the query on the first page, so a 400 is about the page's token (issues:
 * msgraph-sdk-powershell#1388, "transient"; the code differs and may be empty), and a 404 says nothing about the list. Both go away when
 * the list is read again from its beginning.
 */
export function laterPageFailure(endpoint: Endpoint, error: unknown): unknown {
  if (!(error instanceof GraphPermanentError)) return error;
  const { status, requestId } = error;
  const code = PAGE_REFUSALS.get(status);
  if (code === undefined) return error;
  const message = `${endpoint.name} answered ${status} (${error.code}) to a further page although it had led there. The list is read anew.`;
  return new GraphRetryableError(message, { code, status, requestId, cause: error, reason: "unavailable" });
}

/** Whether the list must be read again from its beginning. */
export const isPageTokenRefused = (error: unknown): boolean =>
  error instanceof GraphRetryableError && error.code === "pageTokenRefused";

/** The error of a write that Graph did not answer with a 2xx. Only 429 and the other 4xx prove that it was not applied. */
export function writeFailure(endpoint: Endpoint, answer: FailedAnswer, needed: readonly Permission[]): GraphError {
  if (answer.status === 429) return throttled(endpoint, answer);
  if (isRefusal(answer.status)) return refused(endpoint, answer, needed);
  const message = `${endpoint.name} answered ${answer.status} (${answer.code}): it may or may not have been applied. Read back before repeating it.`;
  return new GraphUncertainError(message, answer);
}

/** The error of a write without an answer. It can be tried again only if the request provably was never sent. */
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

/** Advice, by Graph's code, for refusals that resemble a missing permission but have another cause (issues: maester#1421 and microsoft-graph-docs#12537). */
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

/** Whether this code of Graph means that the tenant has no licence. */
export const isLicenceMissing = (code: string): boolean => LICENCES.has(code);

/** Whether another try of a read may succeed. One refusal because of a missing licence proves nothing, since licensed tenants get it at random. */
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

/** A try without an answer. Only used inside the gateway: reads and writes turn it into different errors. */
export class NoAnswerError extends Error {
  /** `timeout`, `tokenUnavailable`, or the network's own code, e.g. `ECONNRESET`. */
  readonly code: string;
  /** False only when the request provably was never sent, and so was not applied. */
  readonly sent: boolean;

  constructor(code: string, sent: boolean, cause: unknown) {
    super(`No answer: ${code}`, { cause });
    this.name = "NoAnswerError";
    this.code = code;
    this.sent = sent;
  }
}

/** Codes for a connection that was never made. A reset or closed connection is not among them: Graph may have read the request before. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const hasCode = (value: unknown): value is { readonly code: string } =>
  typeof value === "object" && value !== null && "code" in value && typeof value.code === "string";

/** The error for a failed `fetch`, or a body that could not be read. Node's fetch has the network's error in `cause`. */
export function noAnswer(error: unknown): NoAnswerError {
  if (error instanceof NoAnswerError) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") return new NoAnswerError("timeout", true, error);
  const cause = error instanceof Error ? error.cause : undefined;
  const code = hasCode(cause) ? cause.code : "networkError";
  return new NoAnswerError(code, !NEVER_CONNECTED.has(code), error);
}

/** The facts of a failed request or batch item. Never Graph's message, which may contain names (Graph docs: errors). */
interface FailedAnswer {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  /** Milliseconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined;
}

/** The facts of a 2xx answer, without its body. */
type AcceptedAnswer = Pick<FailedAnswer, "status" | "requestId">;
