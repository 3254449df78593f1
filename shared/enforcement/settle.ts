import { type Attempt, type Obligation, type Progress, pending } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { heldByThreshold } from "../revocation/holds.ts";
import { residualOf } from "../revocation/residual.ts";
import { summarize } from "../revocation/summarize.ts";
import { wouldBeSatisfied, wouldRevoke } from "../revocation/would-be.ts";
import { type Circumstances, type Decision, decide } from "./decide.ts";

export interface Settlement {
  readonly state: PrincipalState;
  /** True when a revoke is to be made now: the state then holds an open attempt that covers what it is for. */
  readonly revoke: boolean;
  /** The obligations that it is, or in report-only would be, to be made for, and those that the revocation threshold holds; as given, not as settled. */
  readonly due: readonly Obligation[];
  readonly held: readonly Obligation[];
}

/** Decides about every open obligation of a principal. Pure: the commit of the returned state is the lease on making the call. */
export function settle(circumstances: Circumstances, attemptId: string): Settlement {
  const state = takeOverAttempt(circumstances);
  const decided = [...state.obligations.values()]
    .filter(({ progress }) => progress.state !== "closed")
    .map((obligation) => ({ obligation, decision: decide(obligation, { ...circumstances, state }) }));
  // One call would have satisfied all that was pending, as it does in `enforce`.
  const isReported = decided.some(({ decision }) => isReportOfCall(decision));
  const decisions = isReported ? decided.map(coverByReport) : decided;
  const settled = decisions.map(({ obligation, decision }) => progressed(obligation, decision, circumstances.date));
  const obligations = new Map(state.obligations);
  for (const obligation of settled) obligations.set(obligation.key, obligation);

  const revoke = decisions.some(({ decision }) => decision.do === "revoke");
  // One accepted call satisfies all that was committed before it: also what still waits for an earlier call to show or to be tried again.
  const covers = [...obligations.values()].filter(({ progress }) => progress.state === "pending").map(({ key }) => key);
  const attempt: Attempt | null = revoke
    ? { id: attemptId, writtenAt: null, state: "open", covers, uncertainSince: null }
    : state.attempt;
  const head = summarize(state.head, obligations);
  const thoseThat = (wanted: (decision: Decision) => boolean) =>
    decisions.filter(({ decision }) => wanted(decision)).map(({ obligation }) => obligation);
  return {
    state: { ...state, head, obligations, attempt },
    revoke,
    due: thoseThat(wantsRevoke),
    held: thoseThat((decision) => decision.do === "wait" && decision.heldBy === heldByThreshold),
  };
}

interface Decided {
  readonly obligation: Obligation;
  readonly decision: Decision;
}

const isReportOfCall = (decision: Decision): boolean => decision.do === "close" && decision.detail === wouldRevoke;

const wantsRevoke = (decision: Decision): boolean => decision.do === "revoke" || isReportOfCall(decision);

const coverByReport = ({ obligation, decision }: Decided): Decided =>
  decision.do === "wait" && obligation.progress.state === "pending"
    ? { obligation, decision: { do: "close", outcome: "reportOnly", detail: wouldBeSatisfied } }
    : { obligation, decision };

/** An attempt whose lease ran out without a result may or may not have been applied: from now on it is uncertain. */
function takeOverAttempt({ state, storageTime, date, timings }: Circumstances): PrincipalState {
  const { attempt } = state;
  if (attempt?.state !== "open" || attempt.writtenAt === null) return state;
  if (storageTime - attempt.writtenAt < timings.leaseFor) return state;
  return { ...state, attempt: { ...attempt, state: "uncertain", uncertainSince: date } };
}

function progressed(obligation: Obligation, decision: Decision, date: number): Obligation {
  const { progress } = obligation;
  if (decision.do === "close") {
    const acceptedAt = progress.state === "accepted" ? progress.acceptedAt : null;
    const { outcome, verified = false, detail = null } = decision;
    const outlives = outcome === "revoked" ? { outlives: residualOf(acceptedAt ?? date) } : {};
    return {
      ...obligation,
      progress: { state: "closed", outcome, closedAt: date, acceptedAt, verified, detail, ...outlives },
    };
  }
  if (progress.state === "accepted") return obligation;
  const next: Progress =
    decision.do === "wait" ? { state: "pending", notBefore: decision.until, heldBy: decision.heldBy } : pending;
  return { ...obligation, progress: next };
}
