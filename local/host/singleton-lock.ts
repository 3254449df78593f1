import type { TableClient } from "@azure/data-tables";
import { z } from "zod";
import { hasStatus, undefinedWhenMissing } from "./host-table.ts";
import { describeError, type Log } from "./log.ts";
import { sleep } from "./sleep.ts";

export interface Lease {
  /** Aborts when the lease could not be renewed and somebody else may hold the lock. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LockOptions {
  readonly table: TableClient;
  /** One per app: all its hosts share the lock. */
  readonly hostId: string;
  readonly name: string;
  /** Names this instance of the host. */
  readonly owner: string;
  /** Milliseconds until a lease that is not renewed ends; it is renewed at half of that. */
  readonly period: number;
  readonly now: () => number;
  readonly log: Log;
}

const lockRow = z.object({ until: z.iso.datetime(), etag: z.string() });

/** Takes the lock if it is free or its lease has ended; else undefined. Hosts compare clocks, so they must share one machine's. */
export async function acquireLock(options: LockOptions): Promise<Lease | undefined> {
  const etag = await take(options);
  return etag === undefined ? undefined : keepLease(options, etag);
}

const keyOf = ({ hostId, name }: LockOptions) => ({ partitionKey: hostId, rowKey: `lock ${name}` });

function rowOf(options: LockOptions) {
  return { ...keyOf(options), owner: options.owner, until: new Date(options.now() + options.period).toISOString() };
}

async function take(options: LockOptions): Promise<string | undefined> {
  const { table, now } = options;
  const { partitionKey, rowKey } = keyOf(options);
  try {
    const current = await table.getEntity(partitionKey, rowKey).catch(undefinedWhenMissing);
    if (!current) return (await table.createEntity(rowOf(options))).etag;
    const { until, etag } = lockRow.parse(current);
    if (Date.parse(until) > now()) return undefined;
    return (await table.updateEntity(rowOf(options), "Replace", { etag })).etag;
  } catch (error) {
    // Another host was faster.
    if (hasStatus(error, 409) || hasStatus(error, 412)) return undefined;
    throw error;
  }
}

function keepLease(options: LockOptions, firstEtag: string): Lease {
  const { table, name, period, now, log } = options;
  const released = new AbortController();
  const lost = new AbortController();
  let etag = firstEtag;
  let until = now() + period;

  async function renew(): Promise<void> {
    const renewedUntil = now() + period;
    try {
      etag = (await table.updateEntity(rowOf(options), "Replace", { etag })).etag ?? etag;
      until = renewedUntil;
    } catch (error) {
      log("warning", `The singleton lock of '${name}' could not be renewed: ${describeError(error)}`);
      if (hasStatus(error, 412) || hasStatus(error, 404) || now() >= until) lost.abort();
    }
  }

  const renewing = (async () => {
    while (!released.signal.aborted && !lost.signal.aborted) {
      await sleep(period / 2, released.signal);
      if (!released.signal.aborted) await renew();
    }
  })();

  return {
    lost: lost.signal,
    release: async () => {
      released.abort();
      await renewing;
      if (lost.signal.aborted) return;
      const { partitionKey, rowKey } = keyOf(options);
      await table.deleteEntity(partitionKey, rowKey, { etag });
    },
  };
}
