import type { GroupGraph } from "../graph/group-graph.ts";

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
