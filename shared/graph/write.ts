import { z } from "zod";
import {
  GraphPermanentError,
  GraphUncertainError,
  isGraphError,
  noAnswer,
  writeFailure,
  writeTruncated,
  writeUnanswered,
} from "./errors.ts";
import type { Created, Dated, GraphSubscription, NewSubscription } from "./graph.ts";
import { guid, instantMs, isInstant, requireGuid } from "./instants-and-ids.ts";
import { type Limiter, promised, type WritePace } from "./pace.ts";
import { endpoints, type Permission } from "./permissions.ts";
import { type Listing, type ReadContext, readList, SleepBudget } from "./read.ts";
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

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

const subscription = z
  .object({
    id: guid,
    resource: z.string(),
    notificationUrl: text,
    expirationDateTime: z.string().refine(isInstant).transform(instantMs),
    applicationId: text,
  })
  .transform(({ expirationDateTime, ...others }): GraphSubscription => ({ ...others, expiresAt: expirationDateTime }));

const listing: Listing<GraphSubscription> = {
  endpoint: endpoints.subscriptions,
  row: subscription,
  priority: "low",
};

export const listSubscriptions = (context: ReadContext): Promise<Dated<readonly GraphSubscription[]>> =>
  readList(context, listing, "subscriptions", new SleepBudget(context.clock));

/** Creates a subscription. A 4xx is a result and not an error: only a request shows whether a resource allows subscriptions (Graph docs: Create subscription). */
export async function createSubscription(context: WriteContext, wanted: NewSubscription): Promise<Created> {
  const endpoint = endpoints.createSubscription;
  const body = {
    changeType: wanted.changeType,
    resource: wanted.resource,
    notificationUrl: wanted.notificationUrl,
    lifecycleNotificationUrl: wanted.lifecycleUrl,
    clientState: wanted.clientState,
    expirationDateTime: new Date(wanted.expiresAt).toISOString(),
    latestSupportedTlsVersion: "v1_2",
  };
  try {
    const request = { endpoint, method: "POST", path: "subscriptions", body, priority: "low" } as const;
    const { value } = await write(context, request);
    return { kind: "created", subscription: promised(endpoint, subscription, value) };
  } catch (error) {
    if (!(error instanceof GraphPermanentError) || error.status === undefined || error.status < 400) throw error;
    const { status, code } = error;
    return { kind: "refused", status, code };
  }
}

export async function renewSubscription(
  context: WriteContext,
  id: string,
  expiresAt: number,
): Promise<GraphSubscription | null> {
  const endpoint = endpoints.renewSubscription;
  const path = `subscriptions/${requireGuid(id, "subscription")}`;
  const body = { expirationDateTime: new Date(expiresAt).toISOString() };
  try {
    const { value } = await write(context, { endpoint, method: "PATCH", path, body, priority: "low" });
    return promised(endpoint, subscription, value);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function deleteSubscription(context: WriteContext, id: string): Promise<void> {
  const path = `subscriptions/${requireGuid(id, "subscription")}`;
  try {
    await write(context, { endpoint: endpoints.deleteSubscription, method: "DELETE", path, priority: "low" });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const isMissing = (error: unknown): boolean => error instanceof GraphPermanentError && error.status === 404;
