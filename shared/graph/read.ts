import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import {
  GraphRetryableError,
  isGraphError,
  isPageTokenRefused,
  laterPageFailure,
  mayPass,
  noAnswer,
  readFailure,
  readTruncated,
  readUnanswered,
} from "./errors.ts";
import type { Dated, HiddenGroups } from "./graph.ts";
import { foreignOrigin } from "./own-token.ts";
import { type Limiter, placeOf, promised, unexpectedAnswer } from "./pace.ts";
import type { Endpoint, Permission } from "./permissions.ts";
import {
  answerDate,
  type CallWatch,
  errorCode,
  type GraphRequest,
  type Method,
  type Reply,
  readJson,
  retryAfter,
  type Send,
} from "./send.ts";

type ReadRequest = Method & Pick<GraphRequest, "endpoint" | "path" | "priority">;

/** The parts that reads need, the same for all reads of a gateway. */
export interface ReadContext {
  readonly send: Send;
  readonly calls: Pick<CallWatch, "item">;
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly random: () => number;
  /** The start that every link to a further page must have, e.g. `https://graph.microsoft.com/v1.0/`. */
  readonly root: string;
  /** Milliseconds per try. */
  readonly timeout: number;
  /** The permissions that the app should have, so that a refusal names the right one. */
  readonly needed: readonly Permission[];
  /** Absent when no members are read. */
  readonly hidden?: HiddenGroups;
}

/**
 * One read with up to three tries. Resolves to the result of `interpret`, which runs inside each try: if it throws a retryable error (a
 * failed item of a batch), the read is tried again.
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
  const { status, headers } = reply.response;
  if (body === undefined) throw readTruncated(endpoint, { status, requestId: headers.get("request-id") ?? undefined });
  if (date === undefined) throw unexpectedAnswer(endpoint, "the Date header");
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

const MAX_TRIES = 3;
/** Milliseconds. A longer wait is made by a queue message instead. */
const LONGEST_RETRY_AFTER = 2000;
const LONGEST_SLEEP = 3000;
const FIRST_BACKOFF = 200;

/** Limits the milliseconds that one call of the port may sleep in all its requests together. */
export class SleepBudget {
  #left = LONGEST_SLEEP;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sleeps if enough of the budget is left. Resolves to whether it slept. */
  async sleep(ms: number): Promise<boolean> {
    if (ms > this.#left) return false;
    this.#left -= ms;
    if (ms > 0) await this.#clock.sleep(ms);
    return true;
  }
}

/**
 * Up to three tries of a read, with a random back-off between them. A short wait that Graph demands is kept.
 * @param admit called before each try; an error of it ends the tries
 * @param random in [0, 1)
 * @throws the error of the last try; at once if its `retryAfter` is over two seconds
 */
export async function retryRead<T>(
  once: () => Promise<T>,
  admit: () => void,
  budget: SleepBudget,
  random: () => number,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    admit();
    try {
      return await once();
    } catch (error) {
      if (!mayPass(error) || attempt === MAX_TRIES) throw error;
      const { retryAfter = 0 } = error instanceof GraphRetryableError ? error : {};
      if (retryAfter > LONGEST_RETRY_AFTER) throw error;
      const backoff = FIRST_BACKOFF * 2 ** (attempt - 1) * (0.5 + random());
      if (!(await budget.sleep(retryAfter + backoff))) throw error;
    }
  }
}

/** More pages than any tenant has. A longer list is broken. */
const MAX_PAGES = 500;

const page = z.object({ value: z.array(z.unknown()), "@odata.nextLink": z.string().nullish() });

/** How a list is read: its endpoint, its priority, and the schema of one row. */
export interface Listing<T> {
  readonly endpoint: Endpoint;
  readonly row: z.ZodType<T>;
  readonly priority: "low" | "normal" | "high";
  /** Called with the place of each row that does not fit the schema; the row is left out. Absent: such a row fails the list, in which a missing row would be a proof. */
  readonly setAside?: (place: string) => void;
}

/** Reads a whole list. The date is the first page's: rows that changed since may be on any page. */
export function readList<T>(
  context: ReadContext,
  listing: Listing<T>,
  path: string,
  budget: SleepBudget,
): Promise<Dated<readonly T[]>> {
  return beginningAnew(async () => {
    const { value, date, at } = await readPage(context, listing, path, budget);
    return { value: await laterPages(context, listing, value, budget), date, at };
  });
}

const MAX_NEW_BEGINNINGS = 2;

/** Runs a reading of several pages. If Graph refuses a page's token, the reading begins again, since its first page gives a new token. */
export async function beginningAnew<T>(reading: () => Promise<T>): Promise<T> {
  for (let anew = 0; ; anew += 1) {
    try {
      return await reading();
    } catch (error) {
      if (!isPageTokenRefused(error) || anew === MAX_NEW_BEGINNINGS) throw error;
    }
  }
}

/** The rows of a first page that has been read already, and of all pages after it. */
export async function laterPages<T>(
  context: ReadContext,
  listing: Listing<T>,
  firstBody: unknown,
  budget: SleepBudget,
): Promise<readonly T[]> {
  const { endpoint, row, setAside } = listing;
  const rows: T[] = [];
  const broken: string[] = [];
  const seen = new Set<string>();
  for (let body = firstBody; ; ) {
    const { value, "@odata.nextLink": link } = promised(endpoint, page, body);
    for (const [index, item] of value.entries()) {
      const place = `value[${index}]`;
      const parsed = row.safeParse(item);
      if (parsed.success) rows.push(parsed.data);
      else if (setAside === undefined) throw unexpectedAnswer(endpoint, placeOf(parsed.error, place));
      else broken.push(placeOf(parsed.error, place));
    }
    if (!link) {
      // Called only at the end of the list: if it begins again, each place would be reported twice.
      for (const place of broken) setAside?.(place);
      return rows;
    }
    if (seen.has(link) || seen.size >= MAX_PAGES) throw unexpectedAnswer(endpoint, "@odata.nextLink (it never ends)");
    seen.add(link);
    const path = pathOf(link, context.root);
    try {
      ({ value: body } = await readPage(context, listing, path, budget));
    } catch (error) {
      throw laterPageFailure(endpoint, error);
    }
  }
}

async function readPage(
  context: ReadContext,
  { endpoint, priority }: Listing<unknown>,
  path: string,
  budget: SleepBudget,
): Promise<Dated<unknown>> {
  // If the budget is used up, this call has waited long enough for others.
  if (priority === "low") await budget.sleep(context.limiter.courtesy());
  return read(context, { endpoint, method: "GET", path, priority }, budget, (body) => body);
}

/** @throws GraphPermanentError `foreignLink` */
function pathOf(link: string, root: string): string {
  const url = URL.parse(link);
  if (!url?.href.startsWith(root)) throw foreignOrigin();
  return url.href.slice(root.length);
}
