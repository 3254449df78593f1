import type { Clock, MonotonicTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import type { Observation, Reading } from "../detection/observe.ts";
import type { EnforcedRoles } from "../enforcement/policy.ts";
import type { ReadScope } from "../enforcement/scope-reader.ts";
import type { ControlStore } from "../enforcement/stop-and-resume.ts";
import type { Threshold } from "../enforcement/threshold.ts";
import type { Graph, GroupAccess, GroupGraph } from "../graph/graph.ts";
import type { GraphClock } from "../graph/instants-and-ids.ts";
import type { LoadedPrincipal } from "../model/load-and-commit.ts";
import type { PolicySettings } from "../settings/settings.ts";
import type { Queue } from "../storage/queue.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { createKnownMassExpiries } from "./mass-expiry-store.ts";

/** Everything outside the core that the core uses. */
export interface CoreDependencies {
  readonly graph: Graph;
  readonly graphClock: GraphClock;
  /** Absent when no group is watched. */
  readonly groups?: GroupDependencies;
  /** One partition per principal. */
  readonly principals: Table;
  /** State of the app as a whole. */
  readonly state: Table;
  readonly massExpiries: ReturnType<typeof createKnownMassExpiries>;
  readonly control: ControlStore;
  readonly threshold: Threshold;
  /** The principals queue: signals for `reconcile`, and jobs. */
  readonly signals: Queue;
  /** Principals whose next pass an invocation of this process is waiting to make. */
  readonly waiting: Set<string>;
  /** The messages that this invocation has sent for the principal's next pass. Set by `reconcile`. */
  readonly sentWake?: SentWake;
  /** What the last pass of this invocation loaded, if that was a moment ago and the pass wrote nothing. Set by `reconcile`. */
  readonly kept?: Loaded | undefined;
  /** Notices of outcomes; absent when no webhook is set. */
  readonly notices?: Queue;
  /** Milliseconds before an announced end at which the user gets a mail; absent when no mail is sent. */
  readonly mailBefore?: number;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly policy: PolicySettings;
  /** The roles whose ends are enforced, resolved through Graph; absent when every role is enforced. */
  readonly enforcedRoles?: () => Promise<EnforcedRoles>;
  /** Resolves the settings' lists of principals through Graph; absent when the lists are empty. */
  readonly scope?: ReadScope;
  readonly timings: Timings;
  readonly telemetry: Telemetry;
}

/** Which groups are watched. `auto`: every group that holds a role or can hold one. */
export type WatchedGroups = "auto" | ReadonlySet<string>;

/** What the core needs in addition to watch groups. */
export interface GroupDependencies {
  readonly graph: GroupGraph;
  readonly watched: WatchedGroups;
  /** Resource units per second that reading members may cost on average (Graph docs: throttling-limits). */
  readonly unitsPerSecond: number;
  /** Which of these principals joined the group at or after `since` (Graph's time, epoch milliseconds), according to the audit log. */
  readonly joinedSince: (groupId: string, ids: readonly string[], since: number) => Promise<ReadonlySet<string>>;
  /** Called once the members of a group have been read for the first time. */
  readonly onFirstRead?: (groupId: string) => Promise<void>;
}

/** What a pass loaded. `loadedAt`: our monotonic time when storage's answer came. */
export type Loaded = Readonly<{ loaded: LoadedPrincipal; loadedAt: MonotonicTime }>;

/** The wait before the next pass inside this invocation, in milliseconds, and whether the last read failed; null when a message or nothing follows. */
export type NextPass = Readonly<{ ms: number; failed: boolean; kept?: Loaded }> | null;

/** The messages that an invocation has sent. */
export interface SentWake {
  /** A message for the next pass comes soon, so this invocation may end after a lost commit. The message that guards a revoke call does not count. */
  isSent: boolean;
  /** Storage's time at which the last message becomes visible, whether or not a commit recorded it. */
  wakeAt?: number;
  /** The known end for which a standby message was sent: see `wake-up.ts`. */
  standbyFor?: number;
}

export interface LiveObservation extends Observation {
  readonly reading: Reading;
  /** The memberships and ownerships that PIM for Groups shows now; empty, and not read, when nothing depends on them. */
  readonly access: readonly GroupAccess[];
}
