import type { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { GraphPermanentError, GraphRetryableError } from "./errors.ts";
import type { Endpoint } from "./permissions.ts";
import type { HeaderSource } from "./send.ts";

/** Reads and writes have separate quotas (Graph docs: throttling-limits). */
export type QuotaClass = "read" | "write";

/** What this process has learned from Graph's answers about its quotas. All calls share it. */
export interface Limiter {
  /**
   * Call it before each try. While Graph refuses calls of this class none is sent, because refused calls count against the quota, too.
   * @throws GraphRetryableError `heldBack` with the remaining wait
   */
  admit(quota: QuotaClass): void;
  /** Call it after a 429: no calls of this class for `retryAfter` milliseconds. */
  hold(quota: QuotaClass, retryAfter: number): void;
  /** Call it after each answer and batch item. Graph sends `x-ms-throttle-limit-percentage` once 0.8 of the quota is used. */
  observe(headers: HeaderSource): void;
  /** Milliseconds that a call with low priority (the list) should wait first, to leave the remaining quota to urgent reads. */
  courtesy(): number;
}

const FIRST_COURTESY = 100;
const LONGEST_COURTESY = 1000;
/** Milliseconds after which an observed use of the quota no longer counts: Graph counts reads per 10 s (Graph docs: throttling-limits). */
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

/** Requests for reports at once. Graph allows 5 requests per 10 s, app and tenant (Graph docs: throttling-limits); a burst plus 10 s at this pace stays just below. */
const REPORT_BURST = 2;
/** Milliseconds between two requests for reports after the burst. */
const REPORT_INTERVAL = 3400;
/** The longest wait of a request, milliseconds. A new reading gives up early; one that has begun is to reach its last page. */
const LONGEST_REPORT_WAIT = { first: 2000, next: 5000 };

type ReportRequest = keyof typeof LONGEST_REPORT_WAIT;

/** Spreads the requests for reports over time. All readers of reports share one small quota. */
export interface ReportPace {
  /**
   * Waits for this request's turn.
   * @throws GraphRetryableError `reportPace` with the wait, if it is over two seconds, or over five for a further page
   */
  turn(request: ReportRequest): Promise<void>;
}

/**
 * The turn of a request that comes `now`, while earlier turns last until `takenUntil`: its wait in milliseconds, and the new
 * `takenUntil`. Pure.
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

/** A pace for the requests of this process only. */
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

/** Writes at once. Graph allows 3,000 writes per 150 s, app and tenant (Graph docs: throttling-limits): exactly a burst plus 150 s at this pace. */
const WRITE_BURST = 150;
const WRITES_PER_SECOND = 19;
/** Milliseconds. The writer holds a lease while it waits, so a longer wait must be made by a queue message. */
const LONGEST_WRITE_WAIT = 2000;

/** Spreads the writes of this process over time, so that they alone do not exceed Graph's quota. */
export interface WritePace {
  /**
   * Waits for this write's turn.
   * @throws GraphRetryableError `writePace` with the wait, if it is over two seconds
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

/** The error for an answer that differs from Graph's documentation. `where`: the place of the difference, never its content. */
export const unexpectedAnswer = (endpoint: Endpoint, where: string): GraphPermanentError =>
  new GraphPermanentError(
    `${endpoint.name}: ${where} is not what Microsoft Graph's documentation promises. Nothing was concluded from this answer.`,
    { code: "unexpectedAnswer" },
  );

/**
 * Parses a part of an answer by the schema that Graph's documentation promises.
 * @param place where the part is, e.g. `value[3]`; empty for the whole body
 * @throws GraphPermanentError `unexpectedAnswer`
 */
export function promised<T>(endpoint: Endpoint, schema: z.ZodType<T>, part: unknown, place = ""): T {
  const parsed = schema.safeParse(part);
  if (parsed.success) return parsed.data;
  throw unexpectedAnswer(endpoint, placeOf(parsed.error, place));
}

/** The place of the first value that does not fit the schema, e.g. `value[3].memberType`; never its content. */
export function placeOf({ issues }: z.ZodError, place: string): string {
  const path = issues.slice(0, 1).flatMap((issue) => issue.path.map(String));
  return [place, ...path].filter((step) => step !== "").join(".") || "the body";
}
