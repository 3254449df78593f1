import type { RolePrivilege } from "../graph/graph.ts";
import type { AccessId } from "../graph/group-graph.ts";
import type { Residual } from "./residual.ts";

/** How a privilege ended, as far as we know. */
export type EndKind = "expired" | "deactivated" | "removed" | "unknown";

/** What became of an obligation. Exactly one, for ever. */
export const outcomes = [
  "revoked",
  "alreadySatisfied",
  "heldAnotherWay",
  "superseded",
  "excluded",
  "outOfScope",
  "reportOnly",
  "notEnforceable",
  "principalGone",
  "stale",
  "failed",
] as const;
export type Outcome = (typeof outcomes)[number];

/** Membership or ownership of a group that is watched for its own sake: the privilege when the group holds no role. */
export interface AccessPrivilege {
  readonly groupId: string;
  readonly access: AccessId;
}

/** The group through which a privilege was held, and what ended: its role, the user's place in it, or one of the two. */
export interface Through {
  readonly groupId: string;
  readonly ended: "role" | "access" | "either";
}
/**
 * Where an obligation stands with the revocation threshold. `held` ends in an operator's release, in corroboration by Graph's audit log, or in
 * an outcome that needs no revoke; the other three let it pass for good.
 */
export const thresholdMarks = ["admitted", "held", "released", "corroborated"] as const;
export type ThresholdMark = (typeof thresholdMarks)[number];

/** One ended assignment of one principal, from pending to its outcome. Times are Graph's, epoch milliseconds. */
interface ObligationFacts {
  /** The key of the ended assignment: committing the same end twice is one obligation. */
  readonly key: string;
  readonly end: EndKind;
  /** Whether the end came at its known end time. */
  readonly planned: boolean;
  readonly startDateTime: string | null;
  readonly endDateTime: string | null;
  /** From here on it was not seen side by side with anything: an activation first seen later took its place. Epoch milliseconds. */
  readonly unseenSince: number;
  /** Of a group's role, or a place in it: Graph's time of an answer about the group that still showed it. Absent otherwise. */
  readonly shownAt?: number;
  /** Sessions must be valid only from here on: the `Date` of the first answer in the unbroken run of absences. */
  readonly cutOff: number;
  /** The user's sessions-valid-from in that same answer: whole seconds would hide an earlier revoke in the same second. */
  readonly sessionsValidFromBefore: number | null;
  /** The last moment at which the privilege may still have been held. */
  readonly lastHeld: number;
  /** False only when the end was never read (Graph unreadable, and the setting says to revoke all the same). */
  readonly confirmed: boolean;
  /** What made us look: an expiry timer, the resync, ... */
  readonly foundBy: string;
  readonly foundAt: number;
  readonly progress: Progress;
  /** Absent for a privilege that was the user's own. */
  readonly through?: Through;
  /** Absent until a revoke was asked for. */
  readonly threshold?: ThresholdMark;
  /** The operation by which an operator said that it is to be carried out, however old; absent when nobody had to. */
  readonly approved?: string;
  /** Nobody watched it: it was read from Graph's audit log, which does not tell the scope. Absent otherwise. */
  readonly audited?: true;
}

export interface RoleObligation extends ObligationFacts, RolePrivilege {}
export interface AccessObligation extends ObligationFacts, AccessPrivilege {
  readonly through: Through;
}
/** No privilege ended: something was done to the user after which, by a rule of `AUDIT_RULES`, no session may go on. */
export interface RuledActivity {
  /** Its name in the audit log. */
  readonly activity: string;
}
export interface RuleObligation extends ObligationFacts, RuledActivity {}
export type Obligation = RoleObligation | AccessObligation | RuleObligation;

export const isRole = <T extends object>(privilege: T): privilege is Extract<T, RolePrivilege> =>
  "roleDefinitionId" in privilege;

export const isRule = <T extends object>(obligation: T): obligation is Extract<T, RuledActivity> =>
  "activity" in obligation;

export type Progress =
  | {
      readonly state: "pending";
      /** Not to be tried before this time: Retry-After, or a wait for a person. */
      readonly notBefore: number | null;
      /** Why it is not carried out, when something holds it. */
      readonly heldBy: string | null;
      /** Graph's time of the first of an unbroken run of 404s for the user. */
      readonly missingSince: number | null;
    }
  /** Graph accepted a revoke for it at this time; the read-back has not shown it yet. */
  | { readonly state: "accepted"; readonly acceptedAt: number }
  | {
      readonly state: "closed";
      readonly outcome: Outcome;
      readonly closedAt: number;
      /** For `revoked`: when Graph accepted it (null when only the read-back shows an uncertain call), and whether the read-back showed it. */
      readonly acceptedAt: number | null;
      readonly verified: boolean;
      /** A code that tells more, e.g. why it is not enforceable. */
      readonly detail: string | null;
      /** For `revoked`: what may outlive it. */
      readonly outlives?: Residual;
    };
export type Closed = Extract<Progress, { readonly state: "closed" }>;

export const pending: Progress = { state: "pending", notBefore: null, heldBy: null, missingSince: null };

/** The last revoke call for a user, and the lease on making the next. */
export interface Attempt {
  readonly id: string;
  /** When it was written, by storage's clock; null until it is. The lease runs from here. */
  readonly writtenAt: number | null;
  /** `open`: written before the call; no result known. `refused`: provably not applied. */
  readonly state: "open" | "accepted" | "refused" | "uncertain";
  /** Keys of the obligations that the call is for. */
  readonly covers: readonly string[];
  /** Graph's time at the latest moment the call may have been applied; set once its result is `uncertain`. */
  readonly uncertainSince: number | null;
}
