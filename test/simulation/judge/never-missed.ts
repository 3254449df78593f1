import { cutAfter } from "./cuts.ts";
import type { Breach, Evidence, HoldingFacts, PrincipalFacts, RecordedOutcome } from "./evidence.ts";
import { isAbout } from "./is-about.ts";
import { newsDelay, passOnBound, second } from "./limits.ts";
import { believedOtherWay, otherWays } from "./other-ways.ts";
import { covers, ends, type Loss, losses } from "./truth.ts";
import { calmAfter, goesOnAs, isHiddenStill, isQuiet, mustBeSeen, surelyWatched } from "./watching.ts";

/** An announced end whose removal takes no longer than this is looked at so closely ... */
const punctualFor = 4 * second;
/** ... that its sessions are cut this soon. */
const punctualBound = 3 * second;
/** To find an end that nobody announced and to see it twice, besides the two resyncs that it may take. */
const searchBound = 120 * second;

/** Within these an end that the app found itself may be the one that the audit log tells of. */
const toldBefore = 15 * second;
const toldAfter = 15 * 60 * second;

/** Too many unannounced ends of one user wait for the audit log, which is asked less and less often: as late as it is, and as long again. */
const corroborationBound = (auditLag: number): number => (auditLag <= 5 * second ? 0 : 2 * auditLag + 2 * 60 * second);

/** Every loss that had to be seen is settled: the sessions were cut after it, or a named outcome says why not. */
export function neverMissed(evidence: Evidence): Breach[] {
  if (evidence.policy.mode === "off") return [];
  return evidence.principals.flatMap((principal) =>
    losses(principal).flatMap((loss): Breach[] => {
      const why = mustBeSeen(evidence, principal, loss)
        ? (whyUnsettled(evidence, principal, loss) ?? whyLate(evidence, principal, loss))
        : whyUnread(evidence, principal, loss);
      return why === undefined ? [] : [{ promise: "never missed", principalId: principal.id, at: loss.at, why }];
    }),
  );
}

function whyUnsettled(evidence: Evidence, principal: PrincipalFacts, loss: Loss): string | undefined {
  const rows = rowsAbout(evidence, principal, loss);
  if (rows.length === 0) return "the privilege was lost and nothing was recorded";
  if (rows.some((row) => row.closedAt === null)) return "the privilege was lost and its obligation is still pending";
  const row = rows.at(-1);
  if (row?.outcome !== "heldAnotherWay" && row?.outcome !== "superseded") return undefined;
  // The path that excused this end must not slip away unseen.
  const ways = otherWays(principal, loss.holding, loss.at, row.closedAt ?? evidence.to);
  const excuses = ways.map((other) => lastUnder(evidence, principal, other));
  const watched = excuses.some((other) => {
    const { goneAt } = other;
    if (goneAt === null || goneAt > evidence.judgedUntil) return true;
    // Its end is only awaited, where something gives the privilege on.
    if (isHiddenStill(evidence, principal, { holding: other, at: goneAt })) return true;
    return rowsAbout(evidence, principal, { holding: other, at: goneAt }).some(({ openedAt }) => openedAt >= goneAt);
  });
  const believed = believedOtherWay(evidence, principal, loss.holding, row.closedAt ?? evidence.to);
  return watched || believed || cutAfter(evidence, principal, loss.at, evidence.to)
    ? undefined
    : `excused as ${row.outcome}, but the end of what excused it was never recorded`;
}

/** What has its key in the end, as far as the app can tell. */
function lastUnder(evidence: Evidence, principal: PrincipalFacts, holding: HoldingFacts): HoldingFacts {
  if (holding.goneAt === null) return holding;
  const again = goesOnAs(evidence, principal, { holding, at: holding.goneAt });
  return again === undefined ? holding : lastUnder(evidence, principal, again);
}

/** A quiet time of this length is enough to read the audit log and to settle what it tells. */
const readingBound = 5 * 60 * second;

/** An end that nobody had to see is in the audit log all the same, from the first reading of it on: an outcome of that role must come of it. */
function whyUnread(evidence: Evidence, principal: PrincipalFacts, { holding, at }: Loss): string | undefined {
  if (!evidence.readsAuditLog || holding.throughGroup || principal.deletedAt !== null) return undefined;
  const begun = calmAfter(evidence, evidence.from, readingBound) + readingBound;
  const readBy = calmAfter(evidence, at + evidence.auditLag, readingBound) + readingBound;
  if (at < begun || at > evidence.judgedUntil || readBy > evidence.to) return undefined;
  // What was found lately of the same role may be the same end.
  const isNear = (time: number) => time >= at - toldBefore && time <= at + toldAfter;
  const near = principal.holdings.filter(
    (other) => other.role === holding.role && [...other.announcedEnds, other.goneAt ?? at].some(isNear),
  );
  const about = evidence.outcomes.filter(
    ({ principalId, role, schedule, cutOff }) =>
      principalId === principal.id &&
      role === holding.role &&
      (isNear(cutOff) || near.some((other) => other.schedule === schedule)),
  );
  if (cutAfter(evidence, principal, at, evidence.to) || about.some(({ closedAt }) => closedAt !== null))
    return undefined;
  return "the audit log showed the end, and nothing came of it";
}

/** In a quiet time the app keeps to its bounds, not only to "some day". */
function whyLate(evidence: Evidence, principal: PrincipalFacts, loss: Loss): string | undefined {
  const { holding, at } = loss;
  const sameRole = principal.holdings.filter(
    ({ role, goneAt }) => role === holding.role && goneAt !== null && goneAt <= at,
  );
  const forgotten = Math.max(at, ...sameRole.map(({ forgottenAt }) => forgottenAt ?? at));
  const announcedEnd = holding.announcedEnds.at(-1) ?? null;
  // What was announced is waited for; what was not must be found, seen twice, and may be young.
  const timerLate = evidence.disturbances.some(({ what, from }) => /^(message|pause|storage)/.test(what) && from < at);
  const punctual =
    !holding.throughGroup &&
    announcedEnd !== null &&
    surelyWatched(evidence, sinceAnnounced(holding), announcedEnd) &&
    at >= announcedEnd &&
    at < announcedEnd + punctualFor &&
    forgotten === at &&
    !timerLate;
  const passedOn = holding.throughGroup ? passOnBound : 0;
  const found = forgotten + 2 * evidence.resyncEvery + searchBound + passedOn;
  const soonest = punctual ? at + punctualBound : found + corroborationBound(evidence.auditLag);
  const settledBy = mayWaitUntil(evidence, principal, loss, soonest);
  // Held again before the directory's row could be seen to go: only the list tells, and that is believed late.
  const isHeldAgain = ({ from }: HoldingFacts) => from >= at && from < forgotten + newsDelay;
  if (principal.holdings.some((other) => isHeldAgain(other) && covers(other, holding))) return undefined;
  const lead = 2 * evidence.resyncEvery + 60 * second;
  const { missing } = principal;
  if (principal.kind === "servicePrincipal" || (missing !== null && missing.from < settledBy && missing.to > at))
    return undefined;
  // What a threshold holds waits for the audit log or for a person.
  if (mayBeHeld(evidence, settledBy)) return undefined;
  if (evidence.to < settledBy || principal.deletedAt !== null || !isQuiet(evidence, at - lead, settledBy))
    return undefined;
  if (!surelyWatched(evidence, holding, at - lead) || cutAfter(evidence, principal, at, settledBy)) return undefined;
  const closed = rowsAbout(evidence, principal, loss).some(
    (row) => (row.closedAt ?? Number.POSITIVE_INFINITY) <= settledBy,
  );
  return closed
    ? undefined
    : `not settled within ${Math.round((settledBy - at) / second)} s although nothing was in the way`;
}

/** As it was since the latest announcement of its end: who could not see that waits for an end that has passed. */
const sinceAnnounced = (holding: HoldingFacts): HoldingFacts => ({
  ...holding,
  plainlyShown: holding.plainlyShown.map(({ from, to }) => ({ from: Math.max(from, holding.announcedAt), to })),
});

/** Whether so many users had lost something until then that the thresholds may have held some of them: no matter over how long. */
function mayBeHeld({ policy: { thresholds }, principals }: Evidence, until: number): boolean {
  if (thresholds === null) return false;
  const users = principals.filter((principal) => ends(principal).some(({ at }) => at <= until));
  return users.length > Math.min(thresholds.planned, thresholds.unplanned);
}

/** An end that PIM is late with is waited for a minute longer; then the user is read again and called for. */
const waitsPast = 70 * second;

/** The revoke may wait for another known end of the same user, as long as the policy says after this one. */
function mayWaitUntil(
  { policy: { coalesceWithin } }: Evidence,
  { holdings }: PrincipalFacts,
  { holding, at }: Loss,
  soonest: number,
): number {
  if (coalesceWithin === 0) return soonest;
  const known = holdings.filter((other) => other !== holding).flatMap(({ announcedEnds }) => announcedEnds);
  const longest = soonest + coalesceWithin;
  const awaited = known.filter((end) => end + waitsPast > at && end <= longest);
  return Math.max(soonest, Math.min(longest, Math.max(...awaited) + waitsPast + punctualBound));
}

const rowsAbout = (evidence: Evidence, principal: PrincipalFacts, loss: Loss): RecordedOutcome[] =>
  evidence.outcomes.filter((row) => row.principalId === principal.id && isAbout(row, loss.holding));
