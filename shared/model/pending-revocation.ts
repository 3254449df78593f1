import { z } from "zod";
import type { GraphTime, StorageTime } from "../base/clock.ts";
import type { RolePrivilege } from "../graph/graph.ts";
import { graphTime, maybe, optional, rolePrivilege, text } from "../storage/table.ts";
import { type Absence, endTime } from "./holding.ts";

/** How a pending revocation was closed. Each gets exactly one outcome, which never changes. */
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

/** The group through which a privilege was held, and what ended: its role, the user's `access` to it, or one of the two, not known which. */
const through = z.object({ groupId: text, ended: z.enum(["role", "access", "either"]) }).readonly();

const progress = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("pending"),
    /** Graph's time before which it is not tried: Retry-After, or a wait for an operator. */
    notBefore: maybe(graphTime),
    /** Why it waits; null when nothing holds it. */
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
  }),
]);
export type Progress = Readonly<z.infer<typeof progress>>;
export type Closed = Extract<Progress, { readonly state: "closed" }>;
/** Closed without a call. */
export function closedAs(outcome: Outcome, closedAt: number, detail: string | null = null): Closed {
  return { state: "closed", outcome, closedAt, acceptedAt: null, verified: false, detail };
}
export const pending: Progress = { state: "pending", notBefore: null, heldBy: null };

export const endKind = z.enum(["expired", "deactivated", "removed", "unknown"]);
export const accessId = z.enum(["member", "owner"]);

/** What is known of an end from the moment it is found. Times are Graph's. */
const endFacts = {
  /** The key of the holding that ended: committing the same end twice is one pending revocation. */
  key: text,
  /** How it ended, as far as we know. */
  end: endKind,
  /** Whether the privilege was first missed at or after its announced end. */
  planned: z.boolean(),
  startDateTime: maybe(text),
  endDateTime: maybe(text),
  /** For a group's role, a membership or an ownership: Graph's time of an answer about the group that still showed it. Absent otherwise. */
  shownAt: optional(graphTime),
  /** The same, of the first that showed the member in the group and, for a role held through it, the group with that role. */
  seenSince: optional(graphTime),
  /** Sessions that began before this time must end: the `Date` of the first answer in the run of denials. */
  cutOff: graphTime,
  /** The last moment at which the privilege may still have been held. */
  lastHeld: graphTime,
  /** The signal that started the pass: an expiry timer, the resync, ... */
  foundBy: text,
  foundAt: graphTime,
  /** What the threshold decided; absent before. `held` lasts until an operator or the audit log clears it, or no revoke is needed; others let it pass for good. */
  threshold: optional(z.enum(["admitted", "held", "released", "corroborated"])),
};

/** The facts of an end that an answer of `date` proves, by the run `absence` or alone. `start` and `end`: as Graph announced them. */
export function endFactsOf(
  { start, end, absence }: Readonly<Record<"start" | "end", string | null>> & { readonly absence: Absence | null },
  date: GraphTime,
  foundBy: string,
) {
  const cutOff = absence?.since ?? date;
  const endsAt = endTime(end);
  const planned = endsAt !== null && cutOff >= endsAt;
  return {
    end: planned ? ("expired" as const) : ("unknown" as const),
    planned,
    startDateTime: start,
    endDateTime: end,
    ...(absence?.after === undefined ? {} : { shownAt: absence.after }),
    cutOff,
    lastHeld: planned ? endsAt : cutOff,
    foundBy: absence?.by ?? foundBy,
    foundAt: date,
  };
}

const access = { groupId: text, access: accessId };

/** A group's end as each member's partition will store it. */
export const groupEndSchema = z.union([
  z.object({ ...endFacts, ...rolePrivilege, through }),
  z.object({ ...endFacts, ...access, through }),
]);

const facts = {
  ...endFacts,
  /** `signInSessionsValidFromDateTime` at the cut-off, epoch milliseconds. It must grow: whole seconds would hide an earlier revoke in the same second. */
  sessionsValidFromBefore: maybe(z.number()),
  progress,
  /** Only for Global Administrator: the user had elevated their access to Azure, which outlives the role (see `elevated-access.ts`). */
  elevated: optional(z.literal(true)),
  /** Id of the operation in which an operator approved this revocation despite its age; absent without one. */
  approved: optional(text),
};

/** One loss of one principal, from pending to its outcome. `through`: absent when the user held the privilege directly. */
export const roleRevocationSchema = z.object({ ...facts, ...rolePrivilege, through: optional(through) });
export const accessRevocationSchema = z.object({ ...facts, ...access, through });
/** No privilege ended: the audit log shows an activity after which a rule of `AUDIT_RULES` ends the user's sessions. `activity`: its name there. */
export const ruleRevocationSchema = z.object({ ...facts, activity: text, through: optional(through) });

export type RoleRevocation = Readonly<z.infer<typeof roleRevocationSchema>>;
export type AccessRevocation = Readonly<z.infer<typeof accessRevocationSchema>>;
export type RuleRevocation = Readonly<z.infer<typeof ruleRevocationSchema>>;
/** A privilege that is a watched group's ownership, or its membership when the group holds no role. */
export type AccessPrivilege = Pick<AccessRevocation, "groupId" | "access">;
export type RuledActivity = Pick<RuleRevocation, "activity">;
export type PendingRevocation = RoleRevocation | AccessRevocation | RuleRevocation;
export type ThresholdMark = NonNullable<PendingRevocation["threshold"]>;

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
  /** The latest moment, Graph's time, at which the call may have been applied; set once `state` is `uncertain`. */
  uncertainSince: maybe(graphTime),
});
export type Attempt = Readonly<z.infer<typeof attemptSchema>> & {
  /** When it was written, by storage's clock; null until it is. The lease runs from here. */
  readonly writtenAt: StorageTime | null;
};

/** Values of `heldBy`: held by the threshold, until an operator or the audit log clears it; or for its age, until an operator does. */
export const heldByThreshold = "threshold";
export const heldForReview = "review";

export const isHeld = ({ threshold, progress }: Pick<PendingRevocation, "threshold" | "progress">): boolean =>
  threshold === "held" && progress.state === "pending";

export const isInReview = ({ progress }: Pick<PendingRevocation, "progress">): boolean =>
  progress.state === "pending" && progress.heldBy === heldForReview;

/** Milliseconds. A lifetime is random between 60 and 90 minutes, unless the tenant has a policy for it (Entra docs: configurable-token-lifetimes). */
const longestAccessToken = 90 * 60_000;
/** Milliseconds. Near real time is the goal, this the documented latency (Entra docs: concept-continuous-access-evaluation). */
const slowestCae = 15 * 60_000;

/**
 * What may outlive our revoke: when access tokens without continuous access evaluation (CAE) have expired, and clients and resources with CAE have learnt
 * of it; null without a revoke. Up to the moment of acceptance a refresh token could still get new access tokens. Pure.
 */
export function residualOf({ outcome, acceptedAt, closedAt }: Closed) {
  const cutAt = acceptedAt ?? closedAt;
  return outcome === "revoked" ? { accessTokensUntil: cutAt + longestAccessToken, caeUntil: cutAt + slowestCae } : null;
}

/** How the audit log names an end: who lost a role (the user or group), or a membership or ownership; `privilegeId`: of the role or the group. */
export function auditedEnds(revocation: PendingRevocation, userId: string) {
  const { through } = revocation;
  const ends = [];
  if (isRole(revocation) && through?.ended !== "access")
    ends.push({ principalId: through?.groupId ?? userId, privilegeId: revocation.roleDefinitionId });
  if (through !== undefined && through.ended !== "role")
    ends.push({ principalId: userId, privilegeId: through.groupId });
  return ends;
}

/** Its holders can elevate their access to all of Azure. Neither the role's end (Azure docs: elevate-access-global-admin) nor a revoke ends that. */
export const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
export const isGlobalAdministrator = (revocation: PendingRevocation): revocation is RoleRevocation =>
  isRole(revocation) && revocation.roleDefinitionId === globalAdministrator;
