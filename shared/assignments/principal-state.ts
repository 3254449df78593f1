import type { Fanout, GroupHead, Member } from "../groups/group-state.ts";
import type { Attempt, Obligation } from "../revocation/obligation.ts";
import type { ToldEnd } from "./told-end.ts";
import type { Tombstone, Watch } from "./watch.ts";

/** Everything we know of one principal: one partition. Immutable; the core makes the next one and the commit writes the difference. */
export interface PrincipalState {
  readonly principalId: string;
  readonly head: Head;
  readonly watches: ReadonlyMap<string, Watch>;
  readonly tombstones: ReadonlyMap<string, Tombstone>;
  readonly obligations: ReadonlyMap<string, Obligation>;
  readonly attempt: Attempt | null;
  /** Of a group: who is in it, by `memberKey`, and the ends that its members have yet to be told. */
  readonly members: ReadonlyMap<string, Member>;
  readonly fanouts: ReadonlyMap<string, Fanout>;
}

/** One per principal: every commit of its partition is conditional on it. */
export interface Head {
  /** `unknown` until `/users/{id}` or `/groups/{id}` has answered once: a 404 may be a service principal or a slow replica. */
  readonly kind: "unknown" | "user" | "externalUser" | "group";
  /** Only of groups. */
  readonly group?: GroupHead;
  /** What the list should show of this principal if nothing has changed (`listedRows`): the resync compares. */
  readonly listed: readonly string[];
  /** Storage's time for which a queue message is on its way; null when there is nothing to wait for. */
  readonly wakeAt: number | null;
  /** The same of one that comes long after that; absent when none is known. */
  readonly laterWakeAt?: number;
  /** The latest known end for which a backup was sent, Graph's time (see `backup.ts`); absent before the first. */
  readonly backupFor?: number;
  /** Graph's time when the oldest obligation without an outcome was found; null when there is none. */
  readonly openSince: number | null;
  /** How many of its obligations the revocation threshold holds; absent when none. */
  readonly held?: number;
  /** How many of them are so old that an operator has to look at them; absent when none. */
  readonly inReview?: number;
  /** What Graph's audit log told of it and no look has judged yet; absent when nothing. */
  readonly told?: readonly ToldEnd[];
  /** Until when at the latest an access token without CAE may outlive a revoke, Graph's time; absent when nothing was revoked. */
  readonly exposedUntil?: number;
  /** Directory rows that no instance explains: privilege key to Graph's time of the first answer that showed it so. */
  readonly unexplained: Readonly<Record<string, number>>;
  /** Graph's time of the newest such answer; absent when all of them are settled, and in rows of earlier versions. */
  readonly unexplainedAt?: number;
  /** Graph's time of the first of an unbroken run of 404s for a user whose groups we watch; absent when there is none. */
  readonly missingSince?: number;
  /** Failed reads after a planned end: storage's time of the first and the last. */
  readonly unreadable: { readonly since: number; readonly last: number; readonly raised: boolean } | null;
}

export const emptyHead: Head = {
  kind: "unknown",
  listed: [],
  wakeAt: null,
  openSince: null,
  unexplained: {},
  unreadable: null,
};

export const emptyState = (principalId: string): PrincipalState => ({
  principalId,
  head: emptyHead,
  watches: new Map(),
  tombstones: new Map(),
  obligations: new Map(),
  attempt: null,
  members: new Map(),
  fanouts: new Map(),
});
