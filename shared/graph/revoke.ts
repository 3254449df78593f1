import { writeFailure, writeUnanswered } from "./failure.ts";
import type { Dated } from "./graph.ts";
import { GraphUncertainError, isGraphError } from "./graph-errors.ts";
import { requireGuid } from "./guid.ts";
import { answerDate, errorCode, readJson, retryAfter } from "./http-answer.ts";
import type { Limiter } from "./limiter.ts";
import { noAnswer } from "./no-answer-error.ts";
import { endpoints } from "./permissions.ts";
import type { Reply, Send } from "./send.ts";
import type { WritePace } from "./write-pace.ts";

export interface RevokeContext {
  readonly send: Send;
  readonly limiter: Limiter;
  readonly pace: WritePace;
  /** Milliseconds for the one try. With the pace's two seconds it must stay below what the caller's lease has left. */
  readonly timeout: number;
}

const endpoint = endpoints.revoke;

/**
 * One POST, never repeated: any 2xx is success and its body proves nothing (Graph docs: user: revokeSignInSessions).
 * @throws GraphRetryableError and GraphPermanentError prove that it was not applied; GraphUncertainError proves nothing
 */
export async function revokeSignInSessions(context: RevokeContext, userId: string): Promise<Dated<void>> {
  const path = `users/${requireGuid(userId, "principal")}/revokeSignInSessions`;
  context.limiter.admit("write");
  await context.pace.turn();
  // Another write may have been throttled while this one waited for its turn.
  context.limiter.admit("write");

  const { response, at } = await post(context, path);
  context.limiter.observe(response.headers);
  const body = await bodyIfAny(response);
  const date = answerDate(response.headers);
  const requestId = response.headers.get("request-id") ?? undefined;
  if (!response.ok) {
    const { status } = response;
    const wait = retryAfter(response.headers, date);
    if (status === 429 && wait !== undefined) context.limiter.hold("write", wait);
    throw writeFailure(endpoint, { status, code: errorCode(body, status), requestId, retryAfter: wait });
  }
  if (date === undefined) {
    const message = `${endpoint.name} was accepted without a readable Date header. Read back before repeating it.`;
    throw new GraphUncertainError(message, { code: "unexpectedAnswer", status: response.status, requestId });
  }
  return { value: undefined, date, at };
}

async function post({ send, timeout }: RevokeContext, path: string): Promise<Reply> {
  try {
    return await send({ endpoint, method: "POST", path, body: {}, priority: "high", timeout });
  } catch (error) {
    throw isGraphError(error) ? error : writeUnanswered(endpoint, noAnswer(error));
  }
}

/** The status alone decides what happened to a write: a body that breaks off takes nothing back and adds nothing. */
async function bodyIfAny(response: Response): Promise<unknown> {
  try {
    return await readJson(response);
  } catch {
    return undefined;
  }
}
