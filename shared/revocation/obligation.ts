import { z } from "zod";
import { graphTime, maybe, optional, rolePrivilege, text } from "../assignments/row-schema.ts";
import type { StorageTime } from "../clock.ts";
import type { RolePrivilege } from "../graph/graph.ts";
import type { AccessId } from "../graph/group-graph.ts";

/** What became of an obligation. Exactly one, for ever. */
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

/** The group through which a privilege was held, and what ended: its role, the user's place in it, or one of the two. */
const through = z.object({ groupId: text, ended: z.enum(["role", "access", "either"]) }).readonly();

/**
 * Where an obligation stands with the revocation threshold. `held` ends in an operator's release, in corroboration by Graph's audit log, or in
 * an outcome that needs no revoke; the other three let it pass for good.
 */
export const thresholdMarks = ["admitted", "held", "released", "corroborated"] as const;
export type ThresholdMark = (typeof thresholdMarks)[number];

/** What may outlive a revoke: see `residual.ts`. */
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
    /** A code that tells more, e.g. why it is not enforceable. */
    detail: maybe(text),
    outlives: optional(outlives),
  }),
]);
export type Progress = Readonly<z.infer<typeof progress>>;
export type Closed = Extract<Progress, { readonly state: "closed" }>;
export const pending: Progress = { state: "pending", notBefore: null, heldBy: null };

/** What is known of an end from the moment it is found. Times are Graph's. */
const endFacts = {
  /** The key of the holding that ended: committing the same end twice is one obligation. */
  key: text,
  /** How it ended, as far as we know. */
  end: z.enum(["expired", "deactivated", "removed", "unknown"]),
  /** Whether the end came at its known end time. */
  planned: z.boolean(),
  startDateTime: maybe(text),
  endDateTime: maybe(text),
  /** Of a group's role, or a place in it: Graph's time of an answer about the group that still showed it. Absent otherwise. */
  shownAt: optional(graphTime),
  /** Sessions must be valid only from here on: the `Date` of the first answer in the run of denials. */
  cutOff: graphTime,
  /** The last moment at which the privilege may still have been held. */
  lastHeld: graphTime,
  /** What made us look: an expiry timer, the resync, ... */
  foundBy: text,
  foundAt: graphTime,
  /** Absent until a revoke was asked for. */
  threshold: optional(z.enum(thresholdMarks)),
  /** Nobody watched it: it was read from Graph's audit log, which does not tell the scope. Absent otherwise. */
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
export const roleObligationSchema = z.object({ ...facts, ...rolePrivilege, through: optional(through) });
export const accessObligationSchema = z.object({ ...facts, ...access, through });
/** No privilege ended: something was done to the user after which, by a rule of `AUDIT_RULES`, no session may go on. `activity`: its name in the audit log. */
export const ruleObligationSchema = z.object({ ...facts, activity: text, through: optional(through) });

export type RoleObligation = Readonly<z.infer<typeof roleObligationSchema>>;
export type AccessObligation = Readonly<z.infer<typeof accessObligationSchema>>;
export type RuleObligation = Readonly<z.infer<typeof ruleObligationSchema>>;
export type RuledActivity = Pick<RuleObligation, "activity">;
export type Obligation = RoleObligation | AccessObligation | RuleObligation;

export const isRole = <T extends object>(privilege: T): privilege is Extract<T, RolePrivilege> =>
  "roleDefinitionId" in privilege;

export const isRule = <T extends object>(obligation: T): obligation is Extract<T, RuledActivity> =>
  "activity" in obligation;

/** The last revoke call for a user, and the lease on making the next. */
export const attemptSchema = z.object({
  id: text,
  /** `open`: written before the call; no result known. `refused`: provably not applied. */
  state: z.enum(["open", "accepted", "refused", "uncertain"]),
  /** Keys of the obligations that the call is for. */
  covers: z.array(text).readonly(),
  /** Graph's time at the latest moment the call may have been applied; set once its result is `uncertain`. */
  uncertainSince: maybe(graphTime),
});
export type Attempt = Readonly<z.infer<typeof attemptSchema>> & {
  /** When it was written, by storage's clock; null until it is. The lease runs from here. */
  readonly writtenAt: StorageTime | null;
};
