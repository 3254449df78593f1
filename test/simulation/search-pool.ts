import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Order, Report } from "./search-worker.ts";

/** Threads that play portions of histories, each the next one that waits. They load the core as it is: nothing that a test runner adds slows them. */
export interface SearchPool {
  /** @throws when the thread dies of it, or when the pool was closed before. */
  play(order: Order): Promise<Report>;
  /** What waits is not played any more. */
  close(): Promise<void>;
}

/** Nearly everything that a history allocates is garbage soon: with room for it little of it is ever copied. */
const resourceLimits = { maxYoungGenerationSizeMb: 128 };

interface Waiting {
  readonly order: Order;
  readonly resolve: (report: Report) => void;
  readonly reject: (error: unknown) => void;
}

export function createSearchPool(workers = availableParallelism()): SearchPool {
  const threads = new Set<Worker>();
  const idle: Worker[] = [];
  const waiting: Waiting[] = [];

  const next = (): void => {
    if (waiting.length === 0) return;
    const thread = idle.pop() ?? (threads.size < workers ? start() : undefined);
    const job = thread === undefined ? undefined : waiting.shift();
    if (thread === undefined || job === undefined) return;
    const finish = (then: () => void) => {
      thread.removeAllListeners("message");
      thread.removeAllListeners("error");
      then();
      next();
    };
    thread.once("message", (report: Report) =>
      finish(() => {
        idle.push(thread);
        job.resolve(report);
      }),
    );
    thread.once("error", (error) =>
      finish(() => {
        threads.delete(thread);
        job.reject(error);
      }),
    );
    thread.postMessage(job.order);
  };

  const start = (): Worker => {
    const thread = new Worker(new URL("./search-worker.ts", import.meta.url), { resourceLimits });
    threads.add(thread);
    return thread;
  };

  return {
    play: (order) =>
      new Promise((resolve, reject) => {
        waiting.push({ order, resolve, reject });
        next();
      }),
    async close() {
      for (const { reject } of waiting.splice(0)) reject(new Error("The pool was closed before this was played."));
      await Promise.all([...threads].map((thread) => thread.terminate()));
    },
  };
}
