import fc from "fast-check";
import { histories } from "./histories.ts";
import type { FaultWindow, History, HoldingScript, PrincipalScript } from "./history.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** Everything but the beginnings happens that many days later. */
export const longestDays = 20;

/** The histories of one hour, drawn out: assignments last for weeks, which no single queue message can wait for. Resyncs are an hour apart. */
export const longHistories: fc.Arbitrary<History> = fc
  .record({ history: histories, days: fc.integer({ min: 7, max: longestDays }) })
  .map(({ history, days }) => ({
    ...history,
    resyncEvery: hour,
    groups: [],
    orders: [],
    principals: history.principals.slice(0, 4).map((principal) => longPrincipal(principal, days * day)),
    faults: history.faults.map((fault): FaultWindow => ({ ...fault, from: fault.from + days * day })),
  }));

const longPrincipal = ({ holdings, ...rest }: PrincipalScript, by: number): PrincipalScript => ({
  ...rest,
  holdings: holdings.map((holding) => longHolding(holding, by)),
  deletedAt: rest.deletedAt === null ? null : rest.deletedAt + by,
  othersRevokeAt: rest.othersRevokeAt.map((at) => at + by),
  missing: rest.missing.map((window) => ({ ...window, from: window.from + by })),
});

const longHolding = (holding: HoldingScript, by: number): HoldingScript => ({
  ...holding,
  plannedFor: holding.plannedFor + by,
  extension: holding.extension && { ...holding.extension, after: holding.extension.after + by },
  end: holding.end.how === "expires" ? holding.end : { ...holding.end, after: holding.end.after + by },
});
