import type { Absence } from "../assignments/watch.ts";
import type { AccessId } from "../graph/group-graph.ts";
import type { AccessObligation, RoleObligation } from "../revocation/obligation.ts";

/** What the head of a group's partition knows of the group itself. */
export interface GroupHead {
  readonly assignableToRole: boolean;
  /** Graph's time of the last answers about its members and owners; null before the first. */
  readonly readAt: number | null;
  /** Graph's time before which they are not read again, after a read that failed. */
  readonly notBefore: number | null;
}

/**
 * A membership or ownership of a watched group: a row of the snapshot. Times are Graph's, epoch milliseconds.
 * Who has left stays for a while, because a lagging replica may show them again.
 */
export interface Member {
  readonly principalId: string;
  readonly access: AccessId;
  /** Which row of storage holds it: at most `chunkSize` each. */
  readonly chunk: number;
  /** As PIM for Groups lists it; null when only the directory does. */
  readonly scheduleId: string | null;
  readonly start: string | null;
  /** The latest end that PIM ever listed: only from here on is an absence planned. Null = permanent or not PIM's. */
  readonly end: string | null;
  /** The end as last listed, for knowing when to look. */
  readonly listedEnd: string | null;
  /** Tells one stay in the group from the next. */
  readonly firstSeen: number;
  readonly absence: Absence | null;
  /** Keys of the roles that the group held when the run of absences began. */
  readonly carried: readonly string[];
  readonly overdueRaised: boolean;
  /** When the end was established, and the first, in an unbroken run, of the answers that show it again. */
  readonly left: { readonly at: number; readonly shownSince: number | null } | null;
}

export const chunkSize = 500;

export const memberKey = ({ principalId, access }: Pick<Member, "principalId" | "access">): string =>
  `${principalId} ${access}`;

type Owed<O> = O extends unknown ? Omit<O, "progress" | "sessionsValidFromBefore"> : never;

/** An end as it will stand in each member's partition; its key is the group's: see `obligationKey` of `owed.ts`. */
export type GroupEnd = Owed<RoleObligation> | Owed<AccessObligation>;

/** Ends that somebody still has to be told: committed with what caused them, removed when every obligation is in its partition. */
export interface Fanout {
  readonly key: string;
  /** The one whom they concern; null: every member of the snapshot. */
  readonly member: Pick<Member, "principalId" | "access" | "firstSeen"> | null;
  readonly ends: readonly GroupEnd[];
  /** For every member: when those who are in the group by now had been added to the snapshot. Null: not yet, nobody is told before. */
  readonly begunAt: number | null;
  /** Members who joined after the end. */
  readonly except: readonly string[];
  /** The last member who was told, in the order of ids; null before the first. */
  readonly position: string | null;
  readonly told: number;
}
