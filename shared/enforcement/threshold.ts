import type { Clock } from "../base/clock.ts";
import type { Timings } from "../detection/timings.ts";
import type { Obligation, ThresholdMark } from "../model/pending-revocation.ts";
import { type Corroborates, findCorroborated } from "../revocation/corroborate.ts";
import { limitFor, type ThresholdLimits } from "../revocation/threshold-limits.ts";
import { tooManyEnds, unplannedEnds, unplannedPerUser } from "../revocation/user-limit.ts";
import type { Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry-parts.ts";
import { createThresholdLedger, type ThresholdKind } from "./threshold-ledger.ts";

export interface ThresholdQuestion {
  readonly principalId: string;
  /** All of this user. */
  readonly obligations: readonly Obligation[];
  /** Those that a revoke is wanted for, none of them cleared. */
  readonly due: readonly Obligation[];
  /** Those that are held already. */
  readonly held: readonly Obligation[];
  /** Graph's time of the newest reading. */
  readonly date: number;
}

export interface ThresholdAnswer {
  /** What is cleared, by key. When nothing of `due` is, all of it is to be held. */
  readonly cleared: ReadonlyMap<string, ThresholdMark>;
  /** Whether the audit log was asked: that may take seconds, and the reading that the question came from is old afterwards. */
  readonly consulted: boolean;
}

/** Holds revocations when they are too many to be true. Nothing is lost: what is held waits for a person or for the audit log. */
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

  async function admit(principalId: string, kind: ThresholdKind, obligations: readonly Obligation[]) {
    const admitted = obligations.length > 0 && (await ledgers[kind].admits(principalId));
    return admitted ? marksFor(obligations, "admitted") : null;
  }

  return {
    async judge({ principalId, obligations, due, held, date }) {
      const planned = due.filter((obligation) => obligation.planned);
      const unplanned = due.filter((obligation) => !obligation.planned);
      const tooMany = tooManyEnds(obligations, date, span);
      const beyond = unplanned.filter(({ key }) => tooMany.has(key));
      const within = unplanned.filter(({ key }) => !tooMany.has(key));
      // One user is one revoke: once something lets it pass, what else the user is due rides along.
      const admitted =
        (await admit(principalId, "planned", planned)) ?? (await admit(principalId, "unplanned", within));
      if (admitted !== null) return { cleared: admitted, consulted: false };

      const counted = beyond.length > 0 ? unplannedEnds(obligations, date, span) : [];
      const asked = new Set([...due, ...held, ...counted]);
      const found = new Set(await findCorroborated(principalId, asked, corroborates, telemetry));
      const corroborated = marksFor(
        [...asked].filter(({ key }) => found.has(key)),
        "corroborated",
      );
      if (due.some(({ key }) => found.has(key))) return { cleared: corroborated, consulted: true };

      // Earlier ends that the audit log explains do not count: perhaps these are not too many after all.
      const left = obligations.filter(({ key }) => !found.has(key));
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

const marksFor = (obligations: readonly Obligation[], mark: ThresholdMark): ReadonlyMap<string, ThresholdMark> =>
  new Map(obligations.map(({ key }) => [key, mark]));
