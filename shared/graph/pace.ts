import type { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { GraphPermanentError, GraphRetryableError } from "./errors.ts";
import type { Endpoint } from "./permissions.ts";
import type { HeaderSource } from "./send.ts";

/** Reads and writes have separate quotas (Graph docs: throttling-limits). */
export type QuotaClass = "read" | "write";

/** What Graph has said to this process about its quotas, shared by all calls. */
export interface Limiter {
  /**
   * Before each try: while Graph wants no calls of this class there are none, because even refused ones count against us.
   * @throws GraphRetryableError `heldBack` with the rest of the wait
   */
  admit(quota: QuotaClass): void;
  /** Graph answered 429 and wants to be left alone for so many milliseconds. */
  hold(quota: QuotaClass, retryAfter: number): void;
  /** After each answer and batch item: `x-ms-throttle-limit-percentage` is sent from 0.8 of the quota on, else it is absent. */
  observe(headers: HeaderSource): void;
  /** Milliseconds that a call which can wait (the list) should let pass first, so that urgent reads get what is left. */
  courtesy(): number;
}

const FIRST_COURTESY = 100;
const LONGEST_COURTESY = 1000;
/** Quotas of reads are counted per 10 s (Graph docs: throttling-limits): older news is no news. */
const FORGET_AFTER = 10_000;

export function createLimiter(clock: Clock): Limiter {
  const heldUntil = { read: Number.NEGATIVE_INFINITY, write: Number.NEGATIVE_INFINITY };
  let courtesy = 0;
  let observedAt = Number.NEGATIVE_INFINITY;
  return {
    admit(quota) {
      const left = Math.ceil(heldUntil[quota] - clock.monotonic());
      if (left <= 0) return;
      const message = `Graph asked to be sent no ${quota}s for another ${left} ms. Nothing was sent.`;
      throw new GraphRetryableError(message, { code: "heldBack", reason: "throttled", retryAfter: left });
    },
    hold(quota, retryAfter) {
      heldUntil[quota] = Math.max(heldUntil[quota], clock.monotonic() + retryAfter);
    },
    observe(headers) {
      const used = headers.get("x-ms-throttle-limit-percentage");
      if (used === null) return;
      courtesy = Number(used) >= 1 ? Math.min(LONGEST_COURTESY, Math.max(FIRST_COURTESY, courtesy * 2)) : 0;
      observedAt = clock.monotonic();
    },
    courtesy: () => (clock.monotonic() - observedAt < FORGET_AFTER ? courtesy : 0),
  };
}

/** Graph docs: throttling-limits: 5 requests per 10 s and app and tenant for reports. A burst plus 10 s at this rate is just below. */
const REPORT_BURST = 2;
/** Milliseconds per request. */
const REPORT_INTERVAL = 3400;
/** Milliseconds that a request waits here at most: a new reading gives way, one that has begun goes on to its last page. */
const LONGEST_REPORT_WAIT = { first: 2000, next: 5000 };

type ReportRequest = keyof typeof LONGEST_REPORT_WAIT;

/** Spreads the requests for reports. Their quota is small, and shared by everything that reads them. */
export interface ReportPace {
  /**
   * Waits for this request's turn.
   * @throws GraphRetryableError `reportPace` with the wait, when it is over two seconds, or five for a further page
   */
  turn(request: ReportRequest): Promise<void>;
}

/**
 * The turn of a request that asks `now`, when the turns before it last until `takenUntil`: how long it has to wait, in milliseconds, and
 * until when the turns last with it. Pure.
 * @throws GraphRetryableError as `turn`
 */
export function nextTurn(takenUntil: number, now: number, request: ReportRequest) {
  const wait = Math.max(0, Math.ceil(takenUntil - (REPORT_BURST - 1) * REPORT_INTERVAL - now));
  if (wait > LONGEST_REPORT_WAIT[request]) {
    const message = `Too many requests for Graph's quota of reports: this one's turn is in ${wait} ms. Nothing was sent.`;
    throw new GraphRetryableError(message, { code: "reportPace", reason: "throttled", retryAfter: wait });
  }
  return { wait, takenUntil: Math.max(takenUntil, now) + REPORT_INTERVAL };
}

/** The pace of this process by itself. */
export function createReportPace(clock: Clock): ReportPace {
  let takenUntil = Number.NEGATIVE_INFINITY;
  return {
    async turn(request) {
      const turn = nextTurn(takenUntil, clock.monotonic(), request);
      takenUntil = turn.takenUntil;
      if (turn.wait > 0) await clock.sleep(turn.wait);
    },
  };
}

/** Graph docs: throttling-limits: 3,000 writes per 150 s and app and tenant. A burst plus 150 s at this rate is exactly that. */
const WRITE_BURST = 150;
const WRITES_PER_SECOND = 19;
/** Milliseconds. A longer wait belongs in a queue message: the writer holds a lease meanwhile. */
const LONGEST_WRITE_WAIT = 2000;

/** Spreads the writes of this process so that it does not run into Graph's quota by itself. */
export interface WritePace {
  /**
   * Waits for this write's turn.
   * @throws GraphRetryableError `writePace` with the wait, when it is over two seconds
   */
  turn(): Promise<void>;
}

export function createWritePace(clock: Clock): WritePace {
  let tokens = WRITE_BURST;
  let countedAt = clock.monotonic();
  return {
    async turn() {
      const now = clock.monotonic();
      tokens = Math.min(WRITE_BURST, tokens + ((now - countedAt) / 1000) * WRITES_PER_SECOND);
      countedAt = now;
      const wait = Math.ceil(((1 - tokens) * 1000) / WRITES_PER_SECOND);
      if (wait > LONGEST_WRITE_WAIT) {
        const message = `Too many writes at once for Graph's quota: this one's turn is in ${wait} ms. Nothing was sent.`;
        throw new GraphRetryableError(message, { code: "writePace", reason: "throttled", retryAfter: wait });
      }
      tokens -= 1;
      if (wait > 0) await clock.sleep(wait);
    },
  };
}

/** An answer that is not what Graph's documentation promises. `where` is a place in it, never its content. */
export const unexpectedAnswer = (endpoint: Endpoint, where: string): GraphPermanentError =>
  new GraphPermanentError(
    `${endpoint.name}: ${where} is not what Microsoft Graph's documentation promises. Nothing was concluded from this answer.`,
    { code: "unexpectedAnswer" },
  );

/**
 * Parses a part of an answer.
 * @param place where the part is, e.g. `value[3]`; empty for the whole body
 * @throws GraphPermanentError `unexpectedAnswer`
 */
export function promised<T>(endpoint: Endpoint, schema: z.ZodType<T>, part: unknown, place = ""): T {
  const parsed = schema.safeParse(part);
  if (parsed.success) return parsed.data;
  throw unexpectedAnswer(endpoint, placeOf(parsed.error, place));
}

/** Where the first thing lies that is not as promised, e.g. `value[3].memberType`; never its content. */
export function placeOf({ issues }: z.ZodError, place: string): string {
  const path = issues.slice(0, 1).flatMap((issue) => issue.path.map(String));
  return [place, ...path].filter((step) => step !== "").join(".") || "the body";
}
