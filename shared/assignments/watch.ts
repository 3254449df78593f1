import type { RolePrivilege } from "../graph/graph.ts";
import { rowKey } from "../storage/document-keys.ts";

/** An assignment that we know to be active, until its end is established. */
export interface Watch extends RolePrivilege {
  /** Assignment key: see `assignmentKey`. */
  readonly key: string;
  /**
   * `schedule`: a direct row of roleAssignmentScheduleInstances; `directory`: only the directory lists it; `groupPath`: held through a group;
   * `inherited`: a row of another member type that explains the role, from a source that we cannot see.
   */
  readonly source: "schedule" | "directory" | "groupPath" | "inherited";
  readonly scheduleId: string;
  /** Set for `groupPath`. */
  readonly groupId: string | null;
  readonly start: string | null;
  /** The latest end ever listed: only from here on is an absence planned. Null = permanent. */
  readonly end: string | null;
  /** The end as last listed, for knowing when to look. A stale answer may bring back an earlier one. */
  readonly listedEnd: string | null;
  /** Made by PIM for its holder, on activation; false for what an administrator assigned. */
  readonly activated: boolean;
  readonly generation: number;
  /** Graph's time of the first answer that showed it. */
  readonly firstSeen: number;
  /** Graph's time of the first answer, in an unbroken run, whose list does not show it, whatever the directory says. */
  readonly unlistedSince: number | null;
  /** That run, as far as no minutes passed without an answer: Graph's time of its first and its newest. Null while it is listed. */
  readonly hidden: { readonly since: number; readonly last: number } | null;
  /** The unbroken run of answers that do not show it: Graph's time of the first, and the user's sessions-valid-from in that answer. */
  readonly absence: Absence | null;
  readonly overdueRaised: boolean;
  /** An answer of the last seconds before `end`, or of later, listed it with that end: nobody extended it unseen. */
  readonly seenToEnd: boolean;
}

/** Whether it is held through a group, known by its path or by a row that does not tell it: the user's groups tell of its end. */
export const isOfGroup = ({ source }: Pick<Watch, "source">): boolean =>
  source === "groupPath" || source === "inherited";

/** Of a watch that begins with an answer of `date`. */
export const begunAt = (
  date: number,
): Pick<Watch, "firstSeen" | "unlistedSince" | "hidden" | "absence" | "overdueRaised" | "seenToEnd"> => ({
  firstSeen: date,
  unlistedSince: null,
  hidden: null,
  absence: null,
  overdueRaised: false,
  seenToEnd: false,
});

export interface Absence {
  readonly since: number;
  /** Graph's time of the newest of them: minutes without an answer break the run. */
  readonly last: number;
  readonly sessionsValidFrom: number | null;
  /** Graph's time of an answer that still showed it; absent where none is noted: only of a group's roles and members. */
  readonly after?: number;
}

/** An ended key. Graph's replicas may show it again for a while. */
export interface Tombstone {
  readonly key: string;
  readonly scheduleId: string;
  readonly start: string | null;
  readonly end: string | null;
  readonly generation: number;
  /** Graph's time when the end was established. */
  readonly endedAt: number;
  /** Graph's time of the first answer that shows it again: in an unbroken run, unless it is permanent. */
  readonly shownSince: number | null;
  /** Absent in rows of earlier versions. */
  readonly roleDefinitionId?: string;
  /** True where the list alone told the end, while the directory had the role from somewhere: it may take that back. */
  readonly byListAlone?: boolean;
}

/** What identifies an assignment in Graph's answers. The instance `id` does not: it repeats across activations. */
export interface AssignmentIdentity {
  readonly scheduleId: string;
  readonly start: string | null;
}

/** Identity plus a generation, raised when an ended key comes alive again. */
export const assignmentKey = ({ scheduleId, start }: AssignmentIdentity, generation: number): string =>
  rowKey(scheduleId, start ?? "", String(generation));

export const sameAssignment = (a: AssignmentIdentity, b: AssignmentIdentity): boolean =>
  a.scheduleId === b.scheduleId && a.start === b.start;
