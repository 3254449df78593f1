import type { Clock } from "../base/clock.ts";
import { liveRushes, type StoredRush } from "../reconcile/mass-expiry-store.ts";
import type { Table } from "../storage/table.ts";

/** The live rushes as this process knows them: `graphNow` is Graph's time, estimated. */
export type KnownRushes = (graphNow: number) => Promise<readonly StoredRush[]>;

/** Milliseconds for which an answer is believed. A rush names a thousand principals, and a thousand timers ask within four seconds. */
const knownFor = 1000;

/** Reads the live rushes from storage, at most once a second. A failure is nobody's but the asker's: the next one reads again. */
export function createKnownRushes(state: Table, { monotonic }: Pick<Clock, "monotonic">): KnownRushes {
  let known: { readonly since: number; readonly rushes: Promise<readonly StoredRush[]> } | null = null;
  return (graphNow) => {
    if (known === null || monotonic() - known.since >= knownFor) {
      const reading = { since: monotonic(), rushes: liveRushes(state, graphNow) };
      known = reading;
      reading.rushes.catch(() => {
        if (known === reading) known = null;
      });
    }
    return known.rushes;
  };
}
