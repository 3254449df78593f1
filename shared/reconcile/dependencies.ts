import type { Clock } from "../base/clock.ts";
import type { Timings } from "../detection/timings.ts";
import type { EnforcedRoles } from "../enforcement/policy.ts";
import type { ReadScope } from "../enforcement/scope-reader.ts";
import type { ControlStore } from "../enforcement/stop-and-resume.ts";
import type { Threshold } from "../enforcement/threshold.ts";
import type { Graph, GraphClock, GroupGraph } from "../graph/graph.ts";
import type { PolicySettings } from "../settings/settings.ts";
import type { Queue } from "../storage/queue.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { KnownMassExpiries } from "./mass-expiry-store.ts";

/** Everything that the core touches of the outside, passed in. */
export interface CoreDependencies {
  readonly graph: Graph;
  readonly graphClock: GraphClock;
  /** Absent when no group is watched. */
  readonly groups?: GroupDependencies;
  /** One partition per principal. */
  readonly principals: Table;
  /** State of the app that is not a principal's. */
  readonly state: Table;
  readonly massExpiries: KnownMassExpiries;
  readonly control: ControlStore;
  readonly threshold: Threshold;
  /** Signals: read by `reconcile`, one at a time. */
  readonly signals: Queue;
  /** Principals for whose next pass an invocation of this process waits. */
  readonly waiting: Set<string>;
  /** Of this invocation, set by `reconcile`: the messages by which it, or another host in its place, comes back. */
  readonly sentWake?: SentWake;
  /** Notices of outcomes; absent when no webhook is set. */
  readonly notices?: Queue;
  /** Milliseconds before an announced end that its person is told; absent when nobody is. */
  readonly mailBefore?: number;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly policy: PolicySettings;
  /** The roles whose ends are enforced, resolved by Graph; absent when all are. */
  readonly enforcedRoles?: () => Promise<EnforcedRoles>;
  /** Whom the lists of principals mean, by Graph; absent when they name nobody. */
  readonly scope?: ReadScope;
  readonly timings: Timings;
  readonly telemetry: Telemetry;
}

/** Which groups are watched: `auto` are those that can hold a role or hold one. */
export type WatchedGroups = "auto" | ReadonlySet<string>;

/** What watching groups takes besides the core's own. */
export interface GroupDependencies {
  readonly graph: GroupGraph;
  readonly watched: WatchedGroups;
  /** Resource units per second that reading members may cost on average (Graph docs: throttling-limits). */
  readonly unitsPerSecond: number;
  /** Those of these principals of whom the audit log shows that they joined the group at or after this time, Graph's, epoch milliseconds. */
  readonly joinedSince: (
    groupId: string,
    principalIds: readonly string[],
    since: number,
  ) => Promise<ReadonlySet<string>>;
  /** Told once the members of a group have been read for the first time. */
  readonly onFirstRead?: (groupId: string) => Promise<void>;
}

/** The wait before the next pass inside this invocation, or null when it is over. */
export interface NextPass {
  readonly ms: number;
  readonly failed: boolean;
}

/** What an invocation has sent. */
export interface SentWake {
  /** The message that comes back to its principal, soon enough to leave the rest to that; not the one that stands behind a call. */
  isSent: boolean;
  /** Storage's time for which the last one was sent, whether or not that was committed. */
  wakeAt?: number;
  /** The known end for which a standby message was sent: see `wake-up.ts`. */
  standbyFor?: number;
}
