import {
  GraphUncertainError,
  isGraphError,
  noAnswer,
  writeFailure,
  writeTruncated,
  writeUnanswered,
} from "./errors.ts";
import type { Dated } from "./graph.ts";
import { requireGuid } from "./instants-and-ids.ts";
import type { Limiter, WritePace } from "./pace.ts";
import { endpoints, type Permission } from "./permissions.ts";
import {
  answerDate,
  type ChangeMethod,
  errorCode,
  type GraphRequest,
  type Method,
  type Reply,
  readJson,
  retryAfter,
  type Send,
} from "./send.ts";

export interface WriteContext {
  readonly send: Send;
  readonly limiter: Limiter;
  readonly pace: WritePace;
  /** Milliseconds for the only try. Together with the pace's two seconds it must be shorter than the remaining time of the caller's lease. */
  readonly timeout: number;
  /** See `ReadContext`. */
  readonly needed: readonly Permission[];
}

type WriteRequest = (Method | ChangeMethod) & Pick<GraphRequest, "endpoint" | "path" | "priority">;

/**
 * One write, never repeated. Any complete 2xx answer is success. Resolves to the body; undefined for a 204, which has none.
 * @throws GraphRetryableError and GraphPermanentError prove that it was not applied; GraphUncertainError proves nothing
 */
export async function write(context: WriteContext, request: WriteRequest): Promise<Dated<unknown>> {
  const { endpoint } = request;
  context.limiter.admit("write");
  await context.pace.turn();
  // Graph may have throttled another write while this one waited for its turn.
  context.limiter.admit("write");

  const { response, at } = await answered(context, request);
  context.limiter.observe(response.headers);
  const body = await bodyIfAny(response);
  const date = answerDate(response.headers);
  const requestId = response.headers.get("request-id") ?? undefined;
  if (!response.ok) {
    const { status } = response;
    const wait = retryAfter(response.headers, date);
    if (status === 429 && wait !== undefined) context.limiter.hold("write", wait);
    const answer = { status, code: errorCode(body, status), requestId, retryAfter: wait };
    throw writeFailure(endpoint, answer, context.needed);
  }
  if (body === undefined && response.status !== NO_CONTENT) {
    throw writeTruncated(endpoint, { status: response.status, requestId });
  }
  if (date === undefined) {
    const message = `${endpoint.name} was accepted without a readable Date header. Read back before repeating it.`;
    throw new GraphUncertainError(message, { code: "unexpectedAnswer", status: response.status, requestId });
  }
  return { value: body, date, at };
}

async function answered({ send, timeout }: WriteContext, request: WriteRequest): Promise<Reply> {
  try {
    return await send({ ...request, timeout });
  } catch (error) {
    throw isGraphError(error) ? error : writeUnanswered(request.endpoint, noAnswer(error));
  }
}

const NO_CONTENT = 204;

/** The body as JSON; undefined when there is none, or it is incomplete. An error here must not hide the status. */
async function bodyIfAny(response: Response): Promise<unknown> {
  try {
    return await readJson(response);
  } catch {
    return undefined;
  }
}

/**
 * One POST, never repeated. Any complete 2xx answer is success; the value in its body proves nothing (Graph docs: user: revokeSignInSessions).
 * @throws GraphRetryableError and GraphPermanentError prove that it was not applied; GraphUncertainError proves nothing
 */
export async function revokeSignInSessions(context: WriteContext, userId: string): Promise<Dated<void>> {
  const path = `users/${requireGuid(userId, "principal")}/revokeSignInSessions`;
  const request = { endpoint: endpoints.revoke, method: "POST", path, body: {}, priority: "high" } as const;
  const { date, at } = await write(context, request);
  return { value: undefined, date, at };
}
