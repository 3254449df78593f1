import type { Timings } from "../../shared/detection/cadences.ts";
import { type LagName, lag } from "../../shared/detection/lag.ts";
import { createLimiter } from "../../shared/graph/pace.ts";
import { attemptRow } from "../../shared/model/load-and-commit.ts";
import type { Change, CoreOptions } from "./core-app.ts";
import { hideDirectory, ownDate, unrelatedRoles } from "./mutate-graph.ts";
import { forgetRow, lastWriterWins } from "./mutate-table.ts";

/** One safety mechanism of the core, switched off: the simulation must notice. */
export interface Mutation extends CoreOptions {
  /** What is missing. */
  readonly name: string;
  /** The kind of histories that presses on it; absent: all kinds. */
  readonly kind?: string;
}

const timings =
  (over: Partial<Timings>): Change =>
  (dependencies) => ({ ...dependencies, timings: { ...dependencies.timings, ...over } });

const never = 10 * 365 * 24 * 3_600_000;

interface LagOff {
  readonly bound: number;
  /** The kind of histories in which there is such a lag. */
  readonly kind: string;
}

/** Each row of the lag table as if there were no such lag; a test by name for what hardly any history is about. */
const lagsOff: Readonly<Record<LagName, LagOff | `test/unit/${string}`>> = {
  knownEnd: { bound: -10_000, kind: "denied" },
  secondAnswer: { bound: 0, kind: "denied" },
  newSource: { bound: lag.secondAnswer, kind: "denied" },
  newSourceFor: { bound: 0, kind: "denied" },
  brokenRun: { bound: never, kind: "deniedAroundOutage" },
  staleRow: { bound: 0, kind: "afterglow" },
  unseenSource: "test/unit/detection/views.test.ts",
  userMissing: { bound: 0, kind: "missingTwice" },
  sessionsLag: { bound: 0, kind: "uncertainCalls" },
  readBack: { bound: 0, kind: "plain" },
  auditSlack: "test/unit/detection/audit-match.test.ts",
  sourceMatchBefore: "test/unit/detection/audit-match.test.ts",
  sourceMatchAfter: { bound: 0, kind: "recordedInOneUnit" },
  ownAndGroup: { bound: 0, kind: "staleBesideGroup" },
  forget: { bound: 0, kind: "afterglow" },
};

const rowsOff = Object.entries(lagsOff).flatMap(([row, off]): Mutation[] => {
  if (typeof off === "string") return [];
  const change: Change = ({ timings, ...dependencies }) => ({
    ...dependencies,
    timings: { ...timings, lag: { ...timings.lag, [row]: off.bound } },
  });
  return [{ name: `the lag ${row}`, kind: off.kind, change }];
});

/**
 * Not among them, because no history can notice: the pace of writes, which no history has enough of (`test/unit/graph/write-pace`,
 * `test/e2e/mass-expiry`); the standby message of a wait, since a death may always make a cut late (`standby.test.ts`), the safety net
 * (`safety-net.test.ts`) and the age of a reading (`reading-age.test.ts`); the seal of messages, since replicas of a group's members do not lag there, so
 * that a forged confirmation changes nothing (`test/security/forged-confirmation`).
 */
export const mutations: readonly Mutation[] = [
  ...rowsOff,
  {
    name: "the head's ETag: the last writer wins",
    change: (dependencies) => ({ ...dependencies, principals: lastWriterWins(dependencies.principals) }),
  },
  {
    name: "the directory check: only PIM's list counts",
    change: (dependencies) => ({ ...dependencies, graph: hideDirectory(dependencies.graph) }),
  },
  {
    name: "Graph's Date: this machine's clock sets the cut-off",
    change: (dependencies) => ({ ...dependencies, graph: ownDate(dependencies.graph, dependencies.clock) }),
  },
  {
    name: "the attempt record: nobody sees a call under way",
    change: (dependencies) => ({ ...dependencies, principals: forgetRow(dependencies.principals, attemptRow) }),
  },
  {
    name: "the overlap check: no role is held another way",
    change: (dependencies) => ({ ...dependencies, graph: unrelatedRoles(dependencies.graph) }),
  },
  {
    name: "expiry timers and the safety net: no message to oneself",
    change: (dependencies) => ({ ...dependencies, signals: { send: async () => undefined } }),
  },
  {
    name: "the operator's stop",
    change: (dependencies) => ({
      ...dependencies,
      control: {
        ...dependencies.control,
        read: async () => ({ ...(await dependencies.control.read()), stopped: false }),
      },
    }),
  },
  {
    name: "the revocation threshold",
    change: (dependencies) => ({
      ...dependencies,
      threshold: async ({ due }) => ({ cleared: new Map(due.map(({ key }) => [key, "admitted"])), consulted: false }),
    }),
  },
  {
    name: "the limiter: what Graph asked one caller for, the others do not know",
    limiter: (clock) => ({ ...createLimiter(clock), hold: () => undefined }),
  },
  {
    name: "the resync's second drive: a lost message stays lost",
    kind: "lostMessages",
    change: timings({ wakeLate: never }),
  },
  {
    name: "the stale limit",
    change: (dependencies) => ({ ...dependencies, policy: { ...dependencies.policy, staleAfter: never } }),
  },
];
