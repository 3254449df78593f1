import { recordedLosses } from "./audit-losses.ts";
import { cutAfter } from "./cuts.ts";
import type { Breach, Evidence, PrincipalFacts, RecordedOutcome, SourceFacts } from "./evidence.ts";
import { calmAfter, isQuiet, surelyKnown } from "./known.ts";
import { fanOutBound, minute, newsDelayOf, second } from "./limits.ts";
import { covers, ended, endOf, forgottenBy, giving, type Loss, losses } from "./truth.ts";

/** An announced end whose removal takes no longer than this is read so closely ... */
const punctualFor = 4 * second;
/** ... that its sessions are cut this soon. */
const punctualBound = 3 * second;
/** To find a loss that nobody announced and to see it twice, besides the two resyncs that it may take. */
const searchBound = 120 * second;

/** A loss that the app found itself may be dated that much before the audit log's row of it. */
const recordedBefore = 15 * second;

/** A service principal's groups are not read: its own loss, recorded while a group still gives the role, and the group's soon after it are one to the app. */
const ownAndGroup = 2 * minute;

/** Too many unannounced ends of one user wait for the audit log, which is asked less and less often: as late as it is, and as long again. */
const corroborationBound = (auditLag: number): number => (auditLag <= 5 * second ? 0 : 2 * auditLag + 2 * minute);

/** Every loss that had to be seen is settled: the sessions were cut after it, or a named outcome says why not. */
export function neverMissed(evidence: Evidence): Breach[] {
  if (evidence.policy.mode === "off") return [];
  return evidence.principals.flatMap((principal) => {
    const { due } = recordedLosses(evidence, principal);
    return losses(principal).flatMap((loss): Breach[] => {
      const recorded = due.find((other) => other.loss.source === loss.source);
      const why =
        recorded === undefined
          ? whyUnread(evidence, principal, loss)
          : (whyUnsettled(evidence, principal, loss, recorded.row) ?? whyLate(evidence, principal, loss, recorded.row));
      return why === undefined ? [] : [{ promise: "never missed", principalId: principal.id, at: loss.at, why }];
    });
  });
}

function whyUnsettled(
  evidence: Evidence,
  principal: PrincipalFacts,
  loss: Loss,
  row: RecordedOutcome | undefined,
): string | undefined {
  if (row !== undefined) {
    return row.closedAt === null ? "the privilege was lost and its revocation is still pending" : undefined;
  }
  if (cutAfter(evidence, principal, loss.at, evidence.to) || isRecordedBefore(evidence, principal, loss))
    return undefined;
  const excuse = evidence.outcomes.find(
    ({ principalId, role, scope, outcome, openedAt }) =>
      principalId === principal.id &&
      role === loss.role &&
      scope === loss.scope &&
      outcome === "stillHeld" &&
      openedAt >= loss.at,
  );
  if (excuse === undefined) return "the privilege was lost and nothing was recorded";
  // Held again when it was decided; or what seemed to hold it was found out later.
  const isAgain = loss.until <= (excuse.closedAt ?? evidence.to);
  const isRecordedLater = evidence.outcomes.some(
    (other) =>
      other.principalId === principal.id &&
      covers(other, loss) &&
      other.outcome !== "stillHeld" &&
      other.openedAt >= excuse.openedAt,
  );
  return isAgain || isRecordedLater ? undefined : "excused as still held, but nothing gave the privilege any more";
}

const isRecordedBefore = (evidence: Evidence, { id, kind }: PrincipalFacts, { source, at }: Loss): boolean =>
  kind === "servicePrincipal" &&
  source.throughGroup &&
  evidence.outcomes.some(
    ({ principalId, role, scope, outcome, cutOff }) =>
      principalId === id &&
      role === source.role &&
      scope === source.scope &&
      outcome === "notEnforceable" &&
      cutOff <= at &&
      cutOff >= at - ownAndGroup,
  );

/** A quiet time of this length is enough to read the audit log and to settle what it reports. */
const readingBound = 5 * minute;

/** A loss that nobody had to see is in the audit log all the same, from the first reading of it on: an outcome of that role must come of it. */
function whyUnread(evidence: Evidence, principal: PrincipalFacts, { source, at }: Loss): string | undefined {
  if (!evidence.readsAuditLog || source.throughGroup || principal.deletedAt !== null) return undefined;
  const begun = calmAfter(evidence, evidence.from, readingBound) + readingBound;
  const readBy = calmAfter(evidence, at + evidence.auditLag, readingBound) + readingBound;
  if (at < begun || at > evidence.judgedUntil || readBy > evidence.to) return undefined;
  if (giving(principal, source).some(({ from }) => from > at && from < readBy + minute)) return undefined;
  // Whatever was recorded of that role since then settles it: the row names no scope, and a loss that was found later cuts this one's sessions as well.
  const isRecorded = evidence.outcomes.some(
    ({ principalId, role, cutOff, closedAt }) =>
      principalId === principal.id && role === source.role && closedAt !== null && cutOff >= at - recordedBefore,
  );
  return isRecorded || cutAfter(evidence, principal, at, evidence.to)
    ? undefined
    : "the audit log showed the end, and nothing came of it";
}

/** In a quiet time the app keeps to its bounds, not only to "some day". */
function whyLate(
  evidence: Evidence,
  principal: PrincipalFacts,
  loss: Loss,
  row: RecordedOutcome | undefined,
): string | undefined {
  const { source, at, until } = loss;
  const forgotten = forgottenBy(principal, loss);
  const found = forgotten + 2 * evidence.resyncEvery + searchBound + (source.throughGroup ? fanOutBound : 0);
  const soonest = isPunctual(evidence, principal, loss)
    ? at + punctualBound
    : found + corroborationBound(evidence.auditLag);
  const settledBy = mayWaitUntil(evidence, principal, loss, soonest);
  if (until < forgotten + newsDelayOf(source)) return undefined;
  const lead = 2 * evidence.resyncEvery + minute;
  const { missing } = principal;
  if (principal.kind === "servicePrincipal" || missing.some(({ from, to }) => from < settledBy && to > at))
    return undefined;
  // What a threshold holds waits for the audit log or for a person.
  if (mayBeHeld(evidence, settledBy)) return undefined;
  if (evidence.to < settledBy || principal.deletedAt !== null || !isQuiet(evidence, at - lead, settledBy))
    return undefined;
  if (!surelyKnown(evidence, source, at - lead) || cutAfter(evidence, principal, at, settledBy)) return undefined;
  if (row === undefined || (row.closedAt ?? evidence.to) <= settledBy) return undefined;
  return `not settled within ${Math.round((settledBy - at) / second)} s although nothing was in the way`;
}

/** Whether the end of the privilege was known and is awaited by the second. */
function isPunctual(evidence: Evidence, principal: PrincipalFacts, loss: Loss): boolean {
  const { source, at } = loss;
  const end = source.announcedEnds.at(-1);
  if (source.throughGroup || end === undefined || at < end || at >= end + punctualFor) return false;
  // Whoever could not see that the end was moved waits for one that has passed.
  const plainlyShown = source.plainlyShown.map(({ from, to }) => ({ from: Math.max(from, source.announcedAt), to }));
  if (!surelyKnown(evidence, { ...source, plainlyShown }, end)) return false;
  // What else gave it and ended, or was shown by mistake, shortly before, or was seen to be gone only after an outage: that needs a second answer.
  const seenGone = (other: SourceFacts) =>
    calmAfter(evidence, Math.max(endOf(other), other.forgottenAt ?? 0), 2 * evidence.resyncEvery);
  const isFresh = (other: SourceFacts) => other !== source && endOf(other) <= at && seenGone(other) > at - 6 * minute;
  if (forgottenBy(principal, loss) > at || giving(principal, loss).some(isFresh)) return false;
  return !evidence.disturbances.some(({ what, from }) => /^(message|pause|storage)/.test(what) && from < at);
}

/** Whether so many users had lost something until then that the thresholds may have held some of them: no matter over how long. */
function mayBeHeld({ policy: { thresholds }, principals }: Evidence, until: number): boolean {
  if (thresholds === null) return false;
  const users = principals.filter((principal) => ended(principal).some((source) => endOf(source) <= until));
  return users.length > Math.min(thresholds.planned, thresholds.unplanned);
}

/** An end that PIM is late with is waited for a minute longer; then the user is read again and called for. */
const waitsPast = 70 * second;

/** The revoke may wait for another known end of the same user, as long as the policy says after this one. */
function mayWaitUntil(
  { policy: { coalesceWithin } }: Evidence,
  { sources }: PrincipalFacts,
  { source, at }: Loss,
  soonest: number,
): number {
  if (coalesceWithin === 0) return soonest;
  const known = sources.filter((other) => other !== source).flatMap(({ announcedEnds }) => announcedEnds);
  const longest = soonest + coalesceWithin;
  const awaited = known.filter((end) => end + waitsPast > at && end <= longest);
  return Math.max(soonest, Math.min(longest, Math.max(...awaited) + waitsPast + punctualBound));
}
