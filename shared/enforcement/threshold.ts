import type { Clock } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { isGraphError } from "../graph/errors.ts";
import type { Outcome, PendingRevocation, ThresholdMark } from "../model/pending-revocation.ts";
import { largestLimit, type ThresholdLimits } from "../settings/settings.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { createThresholdLedger, type ThresholdKind } from "./threshold-ledger.ts";

interface ThresholdQuestion {
  readonly principalId: string;
  /** All revocations of this user, closed ones included. */
  readonly revocations: readonly PendingRevocation[];
  /** The revocations that call for a revoke now, none of them cleared. */
  readonly due: readonly PendingRevocation[];
  /** The revocations that the threshold holds already. */
  readonly held: readonly PendingRevocation[];
  /** Graph's time of the newest reading. */
  readonly date: number;
}

interface ThresholdAnswer {
  /** The marks of the cleared revocations, by key. When none of `due` is cleared, all of `due` is to be held. */
  readonly cleared: ReadonlyMap<string, ThresholdMark>;
  /** Whether the audit log was read: that may take seconds, after which the reading behind the question is old. */
  readonly consulted: boolean;
}

/** Holds revocations when they are so many that they look like a mistake. None is lost: a held one waits for an operator or for the audit log. */
export interface Threshold {
  /** @throws the errors of storage: then nobody may be revoked. */
  judge(question: ThresholdQuestion): Promise<ThresholdAnswer>;
}

export interface ThresholdOptions {
  readonly state: Table;
  readonly limits: ThresholdLimits;
  /** How many users have a watched assignment. */
  readonly watchedUsers: () => Promise<number>;
  readonly corroborates: Corroborates;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly telemetry: Telemetry;
}

/** One per process: it remembers the stored counts between two questions. */
export function createThreshold(options: ThresholdOptions): Threshold {
  const { state, limits, watchedUsers, corroborates, clock, timings, telemetry } = options;
  const span = timings.userLimitSpan;
  const ledgerOf = (kind: ThresholdKind) =>
    createThresholdLedger(kind, {
      state,
      clock,
      span: timings.thresholdSpan,
      limit: (asking) => limitFor(limits[kind], asking, watchedUsers),
      raise: (counts) => telemetry.alarm("thresholdReached", { limit: kind, ...counts, principalId: null }),
      measure({ users, allowed }) {
        telemetry.measure("thresholdUsers", users, { limit: kind });
        telemetry.measure("thresholdAllowed", allowed, { limit: kind });
      },
    });
  const ledgers = { planned: ledgerOf("planned"), unplanned: ledgerOf("unplanned") };

  async function admit(principalId: string, kind: ThresholdKind, revocations: readonly PendingRevocation[]) {
    const admitted = revocations.length > 0 && (await ledgers[kind].admits(principalId));
    return admitted ? marksFor(revocations, "admitted") : null;
  }

  return {
    async judge({ principalId, revocations, due, held, date }) {
      const planned = due.filter((revocation) => revocation.planned);
      const unplanned = due.filter((revocation) => !revocation.planned);
      const tooMany = tooManyEnds(revocations, date, span);
      const beyond = unplanned.filter(({ key }) => tooMany.has(key));
      const within = unplanned.filter(({ key }) => !tooMany.has(key));
      // One revoke cuts all sessions of the user: once one end lets it pass, the user's other due ends pass with it.
      const admitted =
        (await admit(principalId, "planned", planned)) ?? (await admit(principalId, "unplanned", within));
      if (admitted !== null) return { cleared: admitted, consulted: false };

      const counted = beyond.length > 0 ? unplannedEnds(revocations, date, span) : [];
      const asked = new Set([...due, ...held, ...counted]);
      const found = new Set(await findCorroborated(principalId, asked, corroborates, telemetry));
      const corroborated = marksFor(
        [...asked].filter(({ key }) => found.has(key)),
        "corroborated",
      );
      if (due.some(({ key }) => found.has(key))) return { cleared: corroborated, consulted: true };

      // Ends that the audit log explains do not count: perhaps the others are not too many after all.
      const left = revocations.filter(({ key }) => !found.has(key));
      const still = tooManyEnds(left, date, span);
      const late = beyond.filter(({ key }) => !still.has(key));
      const cleared = new Map([...corroborated, ...((await admit(principalId, "unplanned", late)) ?? [])]);
      if (held.length === 0 && beyond.some(({ key }) => still.has(key))) {
        const ends = unplannedEnds(left, date, span).length;
        telemetry.alarm("thresholdReached", { limit: "user", ends, allowed: unplannedPerUser, principalId });
      }
      return { cleared, consulted: true };
    },
  };
}

const marksFor = (revocations: readonly PendingRevocation[], mark: ThresholdMark): ReadonlyMap<string, ThresholdMark> =>
  new Map(revocations.map(({ key }) => [key, mark]));

const plannedAtLeast = 25;
const plannedShare = 0.15;

/** The limit in force when this many users ask. The watched users are counted only when their number matters. */
export async function limitFor(
  limit: number | null,
  asking: number,
  watchedUsers: () => Promise<number>,
): Promise<number> {
  if (limit !== null) return limit;
  if (asking <= plannedAtLeast) return plannedAtLeast;
  const share = Math.floor((await watchedUsers()) * plannedShare);
  return Math.min(Math.max(plannedAtLeast, share), largestLimit);
}

/** The most unplanned, uncorroborated ends of one user in an hour; more are probably a mistake and no losses. */
const unplannedPerUser = 3;

/** The outcomes that count as cuts, made or called for. */
const cutting: readonly Outcome[] = ["revoked", "alreadySatisfied", "reportOnly", "notEnforceable", "failed"];

const mayCut = ({ progress }: PendingRevocation): boolean =>
  progress.state !== "closed" || cutting.includes(progress.outcome);

/** A user's unplanned ends found in the last `span` milliseconds that led or may lead to a cut, uncorroborated by the audit log, oldest first. Pure. */
export const unplannedEnds = (
  revocations: Iterable<PendingRevocation>,
  date: number,
  span: number,
): readonly PendingRevocation[] =>
  [...revocations]
    .filter(mayCut)
    .filter(({ planned, threshold, foundAt }) => !planned && threshold !== "corroborated" && date - foundAt < span)
    .toSorted((a, b) => a.foundAt - b.foundAt || (a.key < b.key ? -1 : 1));

/** The keys of those among them beyond the limit. Planned and corroborated ends do not count: ending minor roles must not shield a major one. Pure. */
export const tooManyEnds = (
  revocations: Iterable<PendingRevocation>,
  date: number,
  span: number,
): ReadonlySet<string> =>
  new Set(
    unplannedEnds(revocations, date, span)
      .slice(unplannedPerUser)
      .map(({ key }) => key),
  );

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
