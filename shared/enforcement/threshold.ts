import type { GraphTime } from "../base/clock.ts";
import { isGraphError } from "../graph/errors.ts";
import type { Outcome, PendingRevocation, ThresholdMark } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { createThresholdLedger, type LedgerOptions, type ThresholdKind } from "./threshold-ledger.ts";

/** Holds revocations when they are so many that they look like a mistake. None is lost: a held one waits for an operator or for the audit log. */
export interface Threshold {
  /** None of the ends that are due is cleared yet. @throws the errors of storage: then nobody may be revoked. */
  judge(settled: Settled, date: GraphTime): Promise<Judgement>;
}

interface Judgement {
  /** The marks of the cleared revocations, by key. When none of `due` is cleared, all of `due` is to be held. */
  readonly cleared: ReadonlyMap<string, ThresholdMark>;
  /** Whether the audit log was read: that may take seconds, after which the reading behind the question is old. */
  readonly consulted: boolean;
}

export interface Settled {
  readonly state: PrincipalState;
  /** The pending revocations that call for a revoke (in report-only: would call for one), and those that the threshold holds; as they were before. */
  readonly due: readonly PendingRevocation[];
  readonly held: readonly PendingRevocation[];
}

export type ThresholdOptions = LedgerOptions & { readonly corroborates: Corroborates };

/** One per process: it remembers the stored counts between two questions. */
export function createThreshold(options: ThresholdOptions): Threshold {
  const { corroborates, timings, telemetry } = options;
  const span = timings.userLimitSpan;
  const ledgers = {
    planned: createThresholdLedger("planned", options),
    unplanned: createThresholdLedger("unplanned", options),
  };

  /** The marks of these ends; none when there are no ends, or the user is one too many. */
  async function admit(principalId: string, kind: ThresholdKind, ends: readonly PendingRevocation[]) {
    const isAdmitted = ends.length > 0 && (await ledgers[kind](principalId));
    return new Map(isAdmitted ? ends.map(({ key }) => [key, "admitted"] as const) : []);
  }

  return {
    async judge({ state: { principalId, revocations: all }, due, held }, date) {
      const revocations = [...all.values()];
      const tooMany = tooManyEnds(revocations, date, span);
      const planned = due.filter((end) => end.planned);
      const within = due.filter((end) => !end.planned && !tooMany.has(end.key));
      const beyond = due.filter((end) => !end.planned && tooMany.has(end.key));
      // One revoke cuts all sessions of the user: once one end lets it pass, the user's other due ends pass with it.
      let admitted = await admit(principalId, "planned", planned);
      if (admitted.size === 0) admitted = await admit(principalId, "unplanned", within);
      if (admitted.size > 0) return { cleared: admitted, consulted: false };

      const counted = beyond.length > 0 ? unplannedEnds(revocations, date, span) : [];
      const asked = new Set([...due, ...held, ...counted]);
      const found = new Set(await findCorroborated(principalId, asked, corroborates, telemetry));
      const corroborated = [...found].map((key) => [key, "corroborated"] as const);
      if (due.some(({ key }) => found.has(key))) return { cleared: new Map(corroborated), consulted: true };

      // Ends that the audit log explains do not count: perhaps the others are not too many after all.
      const left = revocations.filter(({ key }) => !found.has(key));
      const still = tooManyEnds(left, date, span);
      const late = beyond.filter(({ key }) => !still.has(key));
      const cleared = new Map([...corroborated, ...(await admit(principalId, "unplanned", late))]);
      if (held.length === 0 && late.length < beyond.length) {
        const ends = unplannedEnds(left, date, span).length;
        telemetry.alarm("thresholdReached", { limit: "user", ends, allowed: unplannedPerUser, principalId });
      }
      return { cleared, consulted: true };
    },
  };
}

/** The most unplanned, uncorroborated ends of one user in an hour; more are probably a mistake and no losses. */
const unplannedPerUser = 3;

/** The outcomes that count as cuts, made or called for. */
const cutting: readonly Outcome[] = ["revoked", "alreadySatisfied", "reportOnly", "notEnforceable", "failed"];

/**
 * A user's unplanned ends found in the last `span` milliseconds that led or may lead to a cut, uncorroborated by the audit log, oldest first. Planned and
 * corroborated ends do not count: ending minor roles must not shield a major one. Pure.
 */
export const unplannedEnds = (
  revocations: readonly PendingRevocation[],
  date: GraphTime,
  span: number,
): readonly PendingRevocation[] =>
  revocations
    .filter(({ progress }) => progress.state !== "closed" || cutting.includes(progress.outcome))
    .filter(({ planned, threshold, foundAt }) => !planned && threshold !== "corroborated" && date - foundAt < span)
    .toSorted((a, b) => a.foundAt - b.foundAt || (a.key < b.key ? -1 : 1));

/** The keys of those among them beyond the limit. Pure. */
export const tooManyEnds = (...ends: Parameters<typeof unplannedEnds>): ReadonlySet<string> =>
  keysOf(unplannedEnds(...ends).slice(unplannedPerUser));

const keysOf = (ends: readonly PendingRevocation[]) => new Set(ends.map(({ key }) => key));

/** Whether Graph's own audit log shows this end of this user. @throws Graph's errors */
export type Corroborates = (revocation: PendingRevocation, principalId: string) => Promise<boolean>;

/** The keys of the pending revocations whose ends Graph's audit log shows. A log that cannot be read shows nothing and is read again later. */
export async function findCorroborated(
  principalId: string,
  revocations: Iterable<PendingRevocation>,
  corroborates: Corroborates,
  telemetry: Telemetry,
): Promise<readonly string[]> {
  const found: string[] = [];
  try {
    // One after the other: the reports of Graph answer 5 requests in 10 seconds (Graph docs: throttling-limits).
    for (const revocation of revocations) if (await corroborates(revocation, principalId)) found.push(revocation.key);
  } catch (error) {
    if (!isGraphError(error)) throw error;
    telemetry.event("corroborationFailed", { principalId, code: error.code, status: error.status ?? null });
  }
  return found;
}
