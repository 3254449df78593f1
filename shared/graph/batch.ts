import { z } from "zod";
import { GraphPermanentError, type GraphRetryableError, readFailure, readTruncated } from "./errors.ts";
import type { Dated } from "./graph.ts";
import { promised, unexpectedAnswer } from "./pace.ts";
import { type Endpoint, endpoints } from "./permissions.ts";
import { type ReadContext, read, type SleepBudget } from "./read.ts";
import { errorCode, type HeaderSource, type Method, retryAfter } from "./send.ts";

/** The most requests in one batch (Graph docs: json-batching). */
export const MAX_BATCH_ITEMS = 20;

/** One read inside a `$batch`. */
export type BatchItem = Method & {
  readonly endpoint: Endpoint;
  /** Below `/v1.0/`, percent-encoded. */
  readonly path: string;
  /** A 404 becomes `null` and does not fail the whole read. */
  readonly mayBeMissing?: boolean;
};

const batchAnswer = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.coerce.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});
type ItemAnswer = z.infer<typeof batchAnswer>["responses"][number];

/**
 * Sends up to 20 reads in one request. Resolves to the bodies in the order of the items; `null` for a missing item with `mayBeMissing`.
 * One failed item fails the whole read, since an incomplete reading proves nothing.
 */
export function readBatch(
  context: ReadContext,
  items: readonly BatchItem[],
  budget: SleepBudget,
  priority: "high" | "low" = "high",
): Promise<Dated<readonly unknown[]>> {
  // Graph throttles each item by itself, so each item has its own priority (Graph docs: throttling).
  const urgent = { "x-ms-throttle-priority": priority };
  const requests = items.map((item, index) => {
    const common = { id: String(index + 1), method: item.method, url: `/${item.path}` };
    return item.method === "GET"
      ? { ...common, headers: urgent }
      : { ...common, headers: { ...urgent, "Content-Type": "application/json" }, body: item.body };
  });
  const request = { endpoint: endpoints.batch, method: "POST", path: "$batch", body: { requests }, priority } as const;
  return read(context, request, budget, (body, date) => bodiesOf(context, items, body, date));
}

function bodiesOf(
  context: Pick<ReadContext, "limiter" | "calls" | "needed">,
  items: readonly BatchItem[],
  body: unknown,
  date: number,
): readonly unknown[] {
  const { responses } = promised(endpoints.batch, batchAnswer, body);
  const failures: (GraphRetryableError | GraphPermanentError)[] = [];
  const bodies = items.map((item, index) => {
    // The answers come in any order (Graph docs: json-batching).
    const [answer, ...more] = responses.filter(({ id }) => id === String(index + 1));
    if (!answer || more.length > 0)
      throw unexpectedAnswer(item.endpoint, `the number of answers to batch item ${index + 1}`);
    context.calls.item(item.endpoint, answer.status, headerSource(answer.headers ?? {}));
    if (answer.status === 404 && item.mayBeMissing) return null;
    const failure = itemFailure(context, item.endpoint, answer, date);
    if (failure) failures.push(failure);
    return answer.body;
  });
  const worst = worstOf(failures);
  if (worst) throw worst;
  return bodies;
}

function itemFailure(
  { limiter, needed }: Pick<ReadContext, "limiter" | "needed">,
  endpoint: Endpoint,
  { status, headers, body }: ItemAnswer,
  date: number,
) {
  const answered = headerSource(headers ?? {});
  limiter.observe(answered);
  const requestId = answered.get("request-id") ?? undefined;
  if (status >= 200 && status < 300) return isJson(body) ? undefined : readTruncated(endpoint, { status, requestId });
  const wait = retryAfter(answered, date);
  if (status === 429 && wait !== undefined) limiter.hold("read", wait);
  return readFailure(endpoint, { status, code: errorCode(body, status), requestId, retryAfter: wait }, needed);
}

/** A body that is not JSON arrives as a Base64 string (Graph docs: json-batching). Null is not JSON here either: it stands for a missing item. */
const isJson = (body: unknown): boolean => typeof body === "object" && body !== null;

function headerSource(headers: Readonly<Record<string, string>>): HeaderSource {
  const values = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { get: (name) => values.get(name) ?? null };
}

/** A permanent failure if there is one, else the failure with the longest wait (Graph docs: throttling). */
function worstOf(failures: readonly (GraphRetryableError | GraphPermanentError)[]) {
  const rank = (failure: GraphRetryableError | GraphPermanentError) =>
    failure instanceof GraphPermanentError ? Number.POSITIVE_INFINITY : (failure.retryAfter ?? -1);
  return failures.toSorted((a, b) => rank(b) - rank(a))[0];
}
