import type { Clock } from "../clock.ts";
import type { Graph } from "../graph/graph.ts";
import type { GraphClock } from "../graph/graph-clock.ts";
import type { GroupDependencies } from "../groups/group-dependencies.ts";
import type { ControlStore } from "../revocation/control.ts";
import type { EnforcedRoles } from "../revocation/enforced-roles.ts";
import type { ReadScope } from "../revocation/scope-reader.ts";
import type { Threshold } from "../revocation/threshold.ts";
import type { PolicySettings } from "../settings/settings.ts";
import type { Queue } from "../storage/queue.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { KnownRushes } from "./known-rushes.ts";
import type { Timings } from "./timings.ts";
import type { SentWake } from "./wake.ts";

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
  readonly rushes: KnownRushes;
  readonly control: ControlStore;
  readonly threshold: Threshold;
  /** Signals: read by `attend`, one at a time. */
  readonly signals: Queue;
  /** Principals for whose next look an invocation of this process waits. */
  readonly waiting: Set<string>;
  /** Of this invocation, set by `attend`: the messages by which it, or another host in its place, comes back. */
  readonly sentWake?: SentWake;
  /** Notices of outcomes; absent when nobody wants to be told. */
  readonly notices?: Queue;
  /** Milliseconds before an announced end that its person is told; absent when nobody is. */
  readonly tellBefore?: number;
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
