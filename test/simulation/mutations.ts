import { attemptRow } from "../../shared/assignments/principal-rows.ts";
import { defaultTimings, type Timings } from "../../shared/assignments/timings.ts";
import { createLimiter } from "../../shared/graph/limiter.ts";
import type { Change, CoreOptions } from "./core-app.ts";
import { hideDirectory, ownDate, unrelatedRoles } from "./mutate-graph.ts";
import { forgetRow, lastWriterWins } from "./mutate-table.ts";

/** One safety mechanism of the core, switched off: the simulation must notice. */
export interface Mutation extends CoreOptions {
  /** What is missing. */
  readonly name: string;
}

const timings =
  (over: Partial<Timings>): Change =>
  (dependencies) => ({ ...dependencies, timings: { ...dependencies.timings, ...over } });

const never = 10 * 365 * 24 * 3_600_000;

/**
 * Not among them, because no history can notice: the pace of writes, which no history has enough of (`test/unit/graph/write-pace`,
 * `test/e2e/rush-hour`); the backup of a wait, since a death may always make a cut late (`backup.test.ts`), the safety net
 * (`safety-net.test.ts`) and the age of a reading (`reading-age.test.ts`).
 */
export const mutations: readonly Mutation[] = [
  {
    name: "the head's ETag: the last writer wins",
    change: (dependencies) => ({ ...dependencies, principals: lastWriterWins(dependencies.principals) }),
  },
  { name: "tombstones: an ended key is forgotten at once", change: timings({ tombstoneFor: 0 }) },
  { name: "the second absence of an unplanned end", change: timings({ secondAbsence: 0, secondAbsenceYoung: 0 }) },
  {
    name: "the longer wait of a young row",
    change: timings({ secondAbsenceYoung: defaultTimings.secondAbsence }),
  },
  {
    name: "the directory check: only PIM's list counts",
    change: (dependencies) => ({ ...dependencies, graph: hideDirectory(dependencies.graph) }),
  },
  {
    name: "Graph's Date: this machine's clock sets the cut-off",
    change: (dependencies) => ({ ...dependencies, graph: ownDate(dependencies.graph, dependencies.clock) }),
  },
  { name: "verification: an accepted call is not read back", change: timings({ readBackFor: 0 }) },
  {
    name: "the attempt record: nobody sees a call under way",
    change: (dependencies) => ({ ...dependencies, principals: forgetRow(dependencies.principals, attemptRow) }),
  },
  {
    name: "the overlap check: no role is held another way",
    change: (dependencies) => ({ ...dependencies, graph: unrelatedRoles(dependencies.graph) }),
  },
  { name: "the wait after an uncertain call", change: timings({ uncertainFor: 0 }) },
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
      threshold: {
        judge: async ({ due }) => ({ cleared: new Map(due.map(({ key }) => [key, "admitted"])), consulted: false }),
      },
    }),
  },
  { name: "the seal of messages: anybody's word counts as Graph's", believesAnybody: true },
  {
    name: "the limiter: what Graph asked one caller for, the others do not know",
    limiter: (clock) => ({ ...createLimiter(clock), hold: () => undefined }),
  },
  { name: "the resync's second drive: a lost message stays lost", change: timings({ wakeLate: never }) },
  {
    name: "the stale limit",
    change: (dependencies) => ({ ...dependencies, policy: { ...dependencies.policy, staleAfter: never } }),
  },
];
