import type { Clock } from "../clock.ts";
import { readFailure, readUnanswered } from "./failure.ts";
import type { Dated, HiddenGroups } from "./graph.ts";
import { isGraphError } from "./graph-errors.ts";
import { answerDate, errorCode, readJson, retryAfter } from "./http-answer.ts";
import type { Limiter } from "./limiter.ts";
import { noAnswer } from "./no-answer-error.ts";
import type { Endpoint, Permission } from "./permissions.ts";
import { unexpectedAnswer } from "./promised.ts";
import { retryRead, type SleepBudget } from "./retry.ts";
import type { GraphRequest, Method, Reply, Send } from "./send.ts";
import type { CallWatch } from "./watch-calls.ts";

export type ReadRequest = Method & Pick<GraphRequest, "endpoint" | "path" | "priority">;

/** What reads are made of, wired once per gateway. */
export interface ReadContext {
  readonly send: Send;
  readonly calls: Pick<CallWatch, "item">;
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly random: () => number;
  /** What every link to a further page must begin with, e.g. `https://graph.microsoft.com/v1.0/`. */
  readonly root: string;
  /** Milliseconds per try. */
  readonly timeout: number;
  /** The permissions that the app should have, so that a refusal names the right one. */
  readonly needed: readonly Permission[];
  /** Absent where no members are read. */
  readonly hidden?: HiddenGroups;
}

/**
 * One read with its tries. Resolves to the body, parsed by `interpret` inside the try, so that what it finds retryable (a failed
 * item of a batch) is tried again too.
 * @throws GraphRetryableError, GraphPermanentError
 */
export function read<T>(
  context: ReadContext,
  request: ReadRequest,
  budget: SleepBudget,
  interpret: (body: unknown, date: number) => T,
): Promise<Dated<T>> {
  const once = async (): Promise<Dated<T>> => {
    const { body, date, at } = await readOnce(context, request);
    return { value: interpret(body, date), date, at };
  };
  return retryRead(once, () => context.limiter.admit("read"), budget, context.random);
}

async function readOnce(context: ReadContext, request: ReadRequest) {
  const { send, limiter, timeout } = context;
  const { endpoint } = request;
  const { reply, body } = await answered(endpoint, async () => {
    const reply = await send({ ...request, timeout });
    return { reply, body: await readJson(reply.response) };
  });
  limiter.observe(reply.response.headers);
  const date = answerDate(reply.response.headers);
  if (!reply.response.ok) throw failed(context, endpoint, reply, body, date);
  if (date === undefined) throw unexpectedAnswer(endpoint, "the Date header");
  if (body === undefined) throw unexpectedAnswer(endpoint, "the body");
  return { body, date, at: reply.at };
}

async function answered<T>(endpoint: Endpoint, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isGraphError(error) ? error : readUnanswered(endpoint, noAnswer(error));
  }
}

function failed(
  { limiter, needed }: ReadContext,
  endpoint: Endpoint,
  { response: { status, headers } }: Reply,
  body: unknown,
  date: number | undefined,
) {
  const wait = retryAfter(headers, date);
  if (status === 429 && wait !== undefined) limiter.hold("read", wait);
  const requestId = headers.get("request-id") ?? undefined;
  return readFailure(endpoint, { status, code: errorCode(body, status), requestId, retryAfter: wait }, needed);
}
