import { availableParallelism } from "node:os";
import type { Finding } from "./campaign.ts";
import { mixed } from "./kinds/kinds.ts";
import type { Failure } from "./search.ts";
import { createSearchPool, type SearchPool } from "./search-pool.ts";
import type { Order, Report } from "./search-worker.ts";
import { Tally } from "./world/tally.ts";

export interface ManyOptions {
  readonly kind?: string;
  /** Play every history and count what they break, without making any smaller. */
  readonly campaign?: boolean;
  readonly histories: number;
  readonly seed: number;
  readonly only: string;
  readonly workers?: number;
  /** Go on after a failure, to find the others as well. */
  readonly all?: boolean;
  /** Called after each portion. */
  readonly progress?: (played: number) => void;
  readonly found?: (failure: Failure) => void;
}

export interface ManyResult {
  readonly tally: Tally;
  readonly played: number;
  readonly milliseconds: number;
  readonly failures: readonly Failure[];
  /** What a campaign found, the most frequent first. */
  readonly findings: readonly Finding[];
}

/** Histories that one thread plays from one seed before it asks for more. */
const portionSize = 100;

/**
 * The search on every core. The histories are those of portions with a seed each, drawn from `seed`: which they are depends neither on the number
 * of threads nor on who is faster.
 */
export async function searchMany(options: ManyOptions): Promise<ManyResult> {
  const { workers = availableParallelism(), all = false } = options;
  const orders = portions(options);
  const tally = new Tally();
  const failures: Failure[] = [];
  const found = new Map<string, readonly string[]>();
  const started = performance.now();
  let played = 0;
  const take = (report: Report): void => {
    played += report.played;
    for (const [what, times] of report.counts) tally.add(what, times);
    for (const { what, replays } of report.findings) found.set(what, [...(found.get(what) ?? []), ...replays]);
    if (report.failure !== undefined) {
      failures.push(report.failure);
      options.found?.(report.failure);
    }
    options.progress?.(played);
  };
  const isOver = () => failures.length > 0 && !all;
  const pool = createSearchPool(workers);
  try {
    await Promise.all(Array.from({ length: workers }, () => work(pool, orders, isOver, take)));
  } finally {
    await pool.close();
  }
  const findings = [...found].map(([what, replays]) => ({ what, replays }));
  findings.sort((one, other) => other.replays.length - one.replays.length);
  return { tally, played, milliseconds: performance.now() - started, failures, findings };
}

function portions({ kind = mixed, seed, histories, only, campaign = false }: ManyOptions): Order[] {
  const orders: Order[] = [];
  for (let from = 0; from < histories; from += portionSize) {
    const portion = { seed: portionSeed(seed, orders.length), histories: Math.min(portionSize, histories - from) };
    orders.push({ kind, only, campaign, ...portion });
  }
  return orders;
}

/** The first portion has the seed itself, the others numbers far apart (the golden ratio of 2^32 as the step). */
const portionSeed = (seed: number, portion: number): number => (seed + Math.imul(portion, 0x9e3779b1)) | 0;

async function work(
  pool: SearchPool,
  orders: Order[],
  isOver: () => boolean,
  take: (report: Report) => void,
): Promise<void> {
  for (let order = orders.shift(); order !== undefined && !isOver(); order = orders.shift()) {
    take(await pool.play(order));
  }
}
