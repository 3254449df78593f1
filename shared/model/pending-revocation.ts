import { z } from "zod";
import type { StorageTime } from "../base/clock.ts";
import type { AccessId, RolePrivilege } from "../graph/graph.ts";
import { graphTime, maybe, optional, text } from "../storage/rows.ts";
import { rolePrivilege } from "./privilege.ts";

/** What became of a pending revocation. Exactly one, for ever. */
export const outcomes = [
  "revoked",
  "alreadySatisfied",
  "stillHeld",
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

/** The group through which a privilege was held, and what ended: its role, the user's membership or ownership, or one of the two. */
const through = z.object({ groupId: text, ended: z.enum(["role", "access", "either"]) }).readonly();

/**
 * Where a pending revocation stands with the revocation threshold. `held` ends in an operator's release, in corroboration by Graph's audit log, or in
 * an outcome that needs no revoke; the other three let it pass for good.
 */
const thresholdMarks = ["admitted", "held", "released", "corroborated"] as const;
export type ThresholdMark = (typeof thresholdMarks)[number];

/** What may outlive a revoke: see `pending-revocation.ts`. */
const outlives = z.object({ accessTokensUntil: graphTime, caeUntil: graphTime, appSessionsUntil: z.null() }).readonly();

const progress = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("pending"),
    /** Not to be tried before this time: Retry-After, or a wait for a person. */
    notBefore: maybe(graphTime),
    /** Why it is not carried out, when something holds it. */
    heldBy: maybe(text),
  }),
  /** Graph accepted a revoke for it at this time; the read-back has not shown it yet. */
  z.object({ state: z.literal("accepted"), acceptedAt: graphTime }),
  z.object({
    state: z.literal("closed"),
    outcome: z.enum(outcomes),
    closedAt: graphTime,
    /** For `revoked`: when Graph accepted it (null when only the read-back shows an uncertain call), and whether the read-back showed it. */
    acceptedAt: maybe(graphTime),
    verified: z.boolean(),
    /** A code that says more, e.g. why it is not enforceable. */
    detail: maybe(text),
    outlives: optional(outlives),
  }),
]);
export type Progress = Readonly<z.infer<typeof progress>>;
export type Closed = Extract<Progress, { readonly state: "closed" }>;
export const pending: Progress = { state: "pending", notBefore: null, heldBy: null };

/** What is known of an end from the moment it is found. Times are Graph's. */
const endFacts = {
  /** The key of the holding that ended: committing the same end twice is one pending revocation. */
  key: text,
  /** How it ended, as far as we know. */
  end: z.enum(["expired", "deactivated", "removed", "unknown"]),
  /** Whether the end came at its known end time. */
  planned: z.boolean(),
  startDateTime: maybe(text),
  endDateTime: maybe(text),
  /** Of a group's role, a membership or an ownership: Graph's time of an answer about the group that still showed it. Absent otherwise. */
  shownAt: optional(graphTime),
  /** Sessions must be valid only from here on: the `Date` of the first answer in the run of denials. */
  cutOff: graphTime,
  /** The last moment at which the privilege may still have been held. */
  lastHeld: graphTime,
  /** What led to the pass: an expiry timer, the resync, ... */
  foundBy: text,
  foundAt: graphTime,
  /** Absent until a revoke was asked for. */
  threshold: optional(z.enum(thresholdMarks)),
  /** Nobody watched it: it was read from Graph's audit log, which does not name the scope. Absent otherwise. */
  audited: optional(z.literal(true)),
};
const access = { groupId: text, access: z.enum(["member", "owner"]) };

/** An end of a group as it will stand in each member's partition. */
export const groupEndSchema = z.union([
  z.object({ ...endFacts, ...rolePrivilege, through }),
  z.object({ ...endFacts, ...access, through }),
]);

const facts = {
  ...endFacts,
  /** The user's sessions-valid-from in the answer of the cut-off: whole seconds would hide an earlier revoke in the same second. */
  sessionsValidFromBefore: maybe(z.number()),
  progress,
  /** Of Global Administrator: the user had elevated their access to Azure, which outlives the role (see `elevated-access.ts`). Absent otherwise. */
  elevated: optional(z.literal(true)),
  /** The operation by which an operator said that it is to be carried out, however old; absent when nobody had to. */
  approved: optional(text),
};

/** One loss of one principal, from pending to its outcome. `through`: absent for a privilege that was the user's own. */
export const roleRevocationSchema = z.object({ ...facts, ...rolePrivilege, through: optional(through) });
export const accessRevocationSchema = z.object({ ...facts, ...access, through });
/** No privilege ended: something was done to the user after which, by a rule of `AUDIT_RULES`, no session may go on. `activity`: its name in the audit log. */
export const ruleRevocationSchema = z.object({ ...facts, activity: text, through: optional(through) });

export type RoleRevocation = Readonly<z.infer<typeof roleRevocationSchema>>;
export type AccessRevocation = Readonly<z.infer<typeof accessRevocationSchema>>;
export type RuleRevocation = Readonly<z.infer<typeof ruleRevocationSchema>>;
export type RuledActivity = Pick<RuleRevocation, "activity">;
export type PendingRevocation = RoleRevocation | AccessRevocation | RuleRevocation;

export const isRole = <T extends object>(privilege: T): privilege is Extract<T, RolePrivilege> =>
  "roleDefinitionId" in privilege;

export const isRule = <T extends object>(revocation: T): revocation is Extract<T, RuledActivity> =>
  "activity" in revocation;

/** The last revoke call for a user, and the lease on making the next. */
export const attemptSchema = z.object({
  id: text,
  /** `open`: written before the call; no result known. `refused`: provably not applied. */
  state: z.enum(["open", "accepted", "refused", "uncertain"]),
  /** Keys of the pending revocations that the call is for. */
  covers: z.array(text).readonly(),
  /** Graph's time at the latest moment the call may have been applied; set once its result is `uncertain`. */
  uncertainSince: maybe(graphTime),
});
export type Attempt = Readonly<z.infer<typeof attemptSchema>> & {
  /** When it was written, by storage's clock; null until it is. The lease runs from here. */
  readonly writtenAt: StorageTime | null;
};

/** Why a wait is on that only an operator or Graph's audit log ends, as it stands in a pending revocation: the threshold's, and that of its age. */
export const heldByThreshold = "threshold";
export const heldForReview = "review";

export const isHeld = ({ threshold, progress }: Pick<PendingRevocation, "threshold" | "progress">): boolean =>
  threshold === "held" && progress.state === "pending";

export const isInReview = ({ progress }: Pick<PendingRevocation, "progress">): boolean =>
  progress.state === "pending" && progress.heldBy === heldForReview;

/** What may outlive an accepted revoke. Graph's times, epoch milliseconds. */
interface Residual {
  /** Until then at the latest access tokens of clients or resources without CAE, issued up to the revoke, have run out. */
  readonly accessTokensUntil: number;
  /** Until then at the latest clients and resources with CAE have heard of the revoke. */
  readonly caeUntil: number;
  /** Sessions that an application keeps by a cookie of its own: nobody but the application knows. */
  readonly appSessionsUntil: null;
}

const minute = 60_000;

/** Milliseconds; random between 60 and 90 minutes, unless the tenant has a token lifetime policy (Entra docs: configurable-token-lifetimes). */
const longestAccessToken = 90 * minute;

/** Milliseconds; near real time is the goal (Entra docs: concept-continuous-access-evaluation). */
const slowestCae = 15 * minute;

/** What may outlive a revoke that was accepted at `cutAt`: until then a refresh token still gave new access tokens. Pure. */
export const residualOf = (cutAt: number): Residual => ({
  accessTokensUntil: cutAt + longestAccessToken,
  caeUntil: cutAt + slowestCae,
  appSessionsUntil: null,
});

/** Whom and what the audit log names when this ends: the group that lost the role, or the user who lost the membership or ownership. */
interface AuditedEnd {
  readonly principalId: string;
  /** Role definition id, or group id. */
  readonly privilegeId: string;
}

export function auditedEnds(revocation: PendingRevocation, userId: string): readonly AuditedEnd[] {
  const { through } = revocation;
  const role = isRole(revocation)
    ? [{ principalId: through?.groupId ?? userId, privilegeId: revocation.roleDefinitionId }]
    : [];
  const access = through === undefined ? [] : [{ principalId: userId, privilegeId: through.groupId }];
  if (through?.ended === "role") return role;
  if (through?.ended === "access") return access;
  return [...role, ...access];
}
