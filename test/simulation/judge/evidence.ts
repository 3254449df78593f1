/**
 * What the judge gets to see: plain facts of the tenant, the policy, and the rows that the app recorded.
 * Nothing here knows how the app works. Times are epoch milliseconds of the tenant.
 */
export interface Evidence {
  readonly from: number;
  readonly to: number;
  /** What ended later is too young to be settled when the history ends. */
  readonly judgedUntil: number;
  readonly policy: Policy;
  readonly resyncEvery: number;
  /** How late the audit log shows an end, and whether the app reads on in it. */
  readonly auditLag: number;
  readonly readsAuditLog: boolean;
  readonly principals: readonly PrincipalFacts[];
  /** Accepted calls of ours, in the order in which they took effect. */
  readonly revokes: readonly AcceptedRevoke[];
  /** All calls that were sent to Graph, and the answers that asked to be left alone. */
  readonly sent: readonly SentCall[];
  readonly throttled: readonly (SentCall & { readonly until: number })[];
  readonly outcomes: readonly RecordedOutcome[];
  /** Those of groups themselves, which have no sessions. */
  readonly groupOutcomes: readonly RecordedOutcome[];
  /** When an operator's stop was in force: from when it was confirmed until resuming was tried. */
  readonly stops: readonly Span[];
  /** When an operator began to release what the thresholds hold. */
  readonly releasedAt: readonly number[];
  /** When something was wrong that may delay or blind the app. */
  readonly disturbances: readonly Disturbance[];
}

export interface Policy {
  readonly mode: "off" | "reportOnly" | "enforce";
  /** Object ids, or every user. */
  readonly included: "all" | readonly string[];
  readonly excluded: readonly string[];
  /** Milliseconds. */
  readonly staleAfter: number;
  readonly watchGroups: boolean;
  /** Milliseconds that a revoke may wait for another known end of the same user. */
  readonly coalesceWithin: number;
  /** Role definition ids, or all roles. */
  readonly enforcedRoles: "all" | readonly string[];
  /** How many distinct users may be cut within ten minutes without an order or an audit end for it; null: any number. */
  readonly thresholds: { readonly planned: number; readonly unplanned: number } | null;
}

export interface PrincipalFacts {
  readonly id: string;
  readonly kind: "user" | "guest" | "servicePrincipal";
  readonly deletedAt: number | null;
  /** When Graph may have denied that the user exists. */
  readonly missing: readonly Span[];
  readonly sources: readonly SourceFacts[];
  /** Revokes and password resets by others. */
  readonly othersRevokedAt: readonly number[];
}

export interface Privilege {
  readonly role: string;
  readonly scope: string;
}

/** What gives a principal a privilege: an assignment of its own, or one of a group's while it is a member, or the membership itself. */
export interface SourceFacts extends Privilege {
  /** For people: `activated, expires`, `permanent, removed`, ... */
  readonly what: string;
  readonly throughGroup: boolean;
  /** Its end may be recorded, or not. */
  readonly optional: boolean;
  readonly from: number;
  /** The ends that Graph announced for it, the latest last; none for a permanent one. */
  readonly announcedEnds: readonly number[];
  /** Those among them that the answers about its holder show: not the end of their membership. */
  readonly announcedToHolder: readonly number[];
  /** When Graph began to announce the latest of them: an extension moves the end. */
  readonly announcedAt: number;
  /** When every view that ever showed it had forgotten it; null = it still gives the privilege. */
  readonly goneAt: number | null;
  /** When the first view had. */
  readonly firstGoneAt: number | null;
  /** When no replica showed it any more by mistake. */
  readonly forgottenAt: number | null;
  /** When both views showed it to every read, without exception. */
  readonly plainlyShown: readonly Span[];
  /** When both views may have denied it at once although it was held. */
  readonly denied: readonly Span[];
  /** It never gave anything: its principal joined the group after its role had ended, or left before it had one. Null for what really did. */
  readonly neverHeld: { readonly how: "joined" | "left"; readonly at: number } | null;
  /** Its rows cannot be distinguished from those of another source that ended before. */
  readonly anonymous: boolean;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Disturbance extends Span {
  readonly what: string;
}

/** A call, or an answer that came to a process. */
export interface SentCall {
  /** The process. */
  readonly by: string;
  readonly quota: "read" | "write" | "report";
  readonly at: number;
}

export interface AcceptedRevoke {
  readonly principalId: string;
  readonly sentAt: number;
  readonly appliedAt: number;
}

/** One pending revocation as it went through the app's records. The times are when the rows were really written. */
export interface RecordedOutcome extends Privilege {
  readonly principalId: string;
  /** Of what only the audit log reported: nobody knows in which scope. */
  readonly audited: boolean;
  /** The last one before its outcome, and when it was written: the app raises it when the same privilege was held another way for longer. */
  readonly cutOff: number;
  readonly datedAt: number;
  readonly openedAt: number;
  /** Null = pending. */
  readonly closedAt: number | null;
  readonly outcome: string | null;
  /** Whether a revoke was found again when read back; null where that has no meaning. */
  readonly verified: boolean | null;
  /** Other outcomes that it had after the first one, and whether it vanished before it had any. */
  readonly changedTo: readonly string[];
  readonly vanished: boolean;
}

export type PromiseName =
  | "never missed"
  | "never wrong"
  | "never early"
  | "never twice"
  | "always recorded"
  /** Not one of the five: the app keeps itself busy, or Graph. */
  | "never a storm";

export interface Breach {
  readonly promise: PromiseName;
  readonly principalId: string;
  readonly at: number;
  readonly why: string;
}
