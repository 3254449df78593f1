import { hour, minute, second } from "../base/clock.ts";

/** How well an assumption about Microsoft's services is founded; `ours` is a choice of our own. */
type Grade = "documented" | "observed" | "assumed" | "ours";

/** `assumed`: the longest lag that we believe possible; null where nothing is known and the bound is our own choice. `bound`: what the app waits. */
function row(assumed: number | null, bound: number, grade: Grade, why: string, source = "nothing is documented") {
  return { why, assumed, bound, grade, source };
}
export type LagRow = Readonly<ReturnType<typeof row>>;

/**
 * The only place with a number about Graph's lateness, in milliseconds; every rule names its row. The simulated tenants draw their lags up to `assumed`; a
 * test holds each bound at or above it; the mutation test switches off one row after the other; docs/reliability.md shows the table.
 * Graph's times are whole seconds: two answers whose dates lie n seconds apart were given more than n - 1 seconds apart.
 */
export const lagTable = {
  knownEnd: row(
    0,
    0,
    "assumed",
    "once its announced end has come no view denies a privilege by mistake: one answer is enough, dated at or after that end, rounded up; two where the directory alone showed it for longer than secondAnswer after that",
  ),
  secondAnswer: row(
    5 * second,
    6 * second,
    "assumed",
    "both views may deny a privilege for a moment: a second answer must deny it as well",
  ),
  newSource: row(60 * second, 61 * second, "assumed", "a new row replicates slowly: the second answer must come later"),
  newSourceFor: row(5 * minute, 5 * minute, "assumed", "for so long after its first sight a source counts as new"),
  brokenRun: row(
    60 * second,
    90 * second,
    "ours",
    "after so long without an answer two denials are two lags, not one",
    "longer than newSource and than the poll, as short as that allows, since the cut-off may lie that long before the loss",
  ),
  staleRow: row(
    4.5 * minute,
    5 * minute + second,
    "assumed",
    "a replica that lags shows what has ended: in PIM's list, the directory, a group's path, a group's members",
  ),
  unseenSource: row(
    60 * second,
    61 * second,
    "assumed",
    "a row first seen within staleRow after the loss that began before it is new only if it began this shortly before, and is seen this shortly after",
    "as newSource",
  ),
  userMissing: row(60 * second, 61 * second, "assumed", "a user who exists may be answered with 404"),
  sessionsLag: row(
    14.5 * second,
    16 * second,
    "assumed",
    "signInSessionsValidFromDateTime reads old: a call without a known result is repeated only after this long",
  ),
  readBack: row(
    null,
    5 * minute,
    "documented",
    "an accepted revoke becomes visible",
    "Graph docs, user: revokeSignInSessions: a small delay of a few minutes",
  ),
  auditSlack: row(
    7 * second,
    10 * second,
    "observed",
    "PIM's audit row of an end follows the one of Core Directory",
    "5.9 s in a published capture, 7 s at most",
  ),
  sourceMatchBefore: row(
    4 * minute,
    5 * minute,
    "assumed",
    "an audit row and a source that left PIM's list before it are one end: the directory may be minutes later than the list",
  ),
  sourceMatchAfter: row(
    null,
    10 * minute,
    "ours",
    "the same for a source that left PIM's list after the audit row",
    "rows that come late",
  ),
  ownAndGroup: row(
    60 * second,
    2 * minute,
    "assumed",
    "the member's own pass and the group's find one loss so far apart",
    "each polls once a minute",
  ),
  forget: row(
    null,
    48 * hour,
    "ours",
    "no replica shows an ended privilege any more, and no audit row of its end is still to come",
    "audit rows are up to a day late",
  ),
};

export type LagName = keyof typeof lagTable;

/** The bounds of the table, milliseconds. Passed in, so that a test can switch off one row. */
export type Lag = Readonly<Record<LagName, number>>;

export const lag: Lag = {
  knownEnd: lagTable.knownEnd.bound,
  secondAnswer: lagTable.secondAnswer.bound,
  newSource: lagTable.newSource.bound,
  newSourceFor: lagTable.newSourceFor.bound,
  brokenRun: lagTable.brokenRun.bound,
  staleRow: lagTable.staleRow.bound,
  unseenSource: lagTable.unseenSource.bound,
  userMissing: lagTable.userMissing.bound,
  sessionsLag: lagTable.sessionsLag.bound,
  readBack: lagTable.readBack.bound,
  auditSlack: lagTable.auditSlack.bound,
  sourceMatchBefore: lagTable.sourceMatchBefore.bound,
  sourceMatchAfter: lagTable.sourceMatchAfter.bound,
  ownAndGroup: lagTable.ownAndGroup.bound,
  forget: lagTable.forget.bound,
};
