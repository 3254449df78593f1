const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * Every span the core waits for, in milliseconds. Passed in, so that the simulation can take one safety away and show that it is missed.
 * Graph's times are whole seconds, so two answers whose `Date` differ by n seconds lie more than n - 1 seconds apart.
 */
export interface Timings {
  /** An expiry timer fires this long before the end: queue polling (1 s), whole-second delays (1 s) and whole-second dates (1 s) fit in. */
  readonly timerLead: number;
  /** Who lists a row with its end so shortly before it, or later, proves that it was not extended unseen. Longer than `timerLead` and Graph's whole second. */
  readonly lastSeconds: number;
  /** Whoever cuts a rush is called this long before its second, ahead of the thousand expiry timers in the same queue. */
  readonly rushLead: number;
  /**
   * The message behind such a wait is asked for this long before the end. Graph's whole seconds and whole-second delays make that two seconds, and polling
   * a quarter more: it comes before the removal, which was seen 0.9 s after the end, and not much earlier.
   */
  readonly backupLead: number;
  /** One that comes to the very process that waits goes back for so long, until so long after the end. */
  readonly backupEvery: number;
  readonly backupUntil: number;
  /** Waits up to this long happen inside the invocation; longer ones are queue messages, which survive a crash. */
  readonly waitInside: number;
  /** One invocation looks again and again for at most this long. */
  readonly invocation: number;
  /** After a planned end: how often to look, and for how long before backing off. */
  readonly lookEvery: number;
  readonly lookClosely: number;
  readonly lookSlowly: number;
  /** An unplanned end needs a second absence this long after the first. */
  readonly secondAbsence: number;
  /** The same for a row that was first seen less than `youngFor` ago: a new row replicates slowly. */
  readonly secondAbsenceYoung: number;
  readonly youngFor: number;
  /**
   * A run of absences, or of answers with a row that nothing explains, is two runs where there is a gap of this length in which nothing could be
   * read. Longer than `secondAbsenceYoung` and `pollEvery`.
   */
  readonly runGap: number;
  /** Still listed this long after its end: somebody should know. */
  readonly overdueAfter: number;
  /** A directory row that nothing explains for this long is watched as an assignment of its own. */
  readonly unexplainedFor: number;
  /** How long an ended key stays known, and how far apart two reads must show it before it counts as alive again. */
  readonly tombstoneFor: number;
  readonly ghostFor: number;
  /** How often that is read again which the list does not show: a group membership that holds a role, a row that only the directory has. */
  readonly pollEvery: number;
  /** The attempt is a lease of this length (storage's time); the call may start only while `leaseMargin` is left. */
  readonly leaseFor: number;
  readonly leaseMargin: number;
  /** A reading this old is not acted upon: the process may have been frozen, and what was lost may be held again. */
  readonly readingFor: number;
  /** A message this long after an attempt looks after it, should the host that makes it die. */
  readonly safetyNet: number;
  /** A call without a known result is repeated only after this long of read-backs that do not show it. */
  readonly uncertainFor: number;
  /** How long an accepted revoke may take to become visible. */
  readonly readBackFor: number;
  /** Two 404s this far apart mean that the principal is gone. */
  readonly goneFor: number;
  /** Failed reads for this long after a planned end are raised. A gap of `unreadableGap` between tries starts the count anew. */
  readonly unreadableFor: number;
  readonly unreadableGap: number;
  /** How long work waits that needs a person (a stop, a 403), before it looks again. */
  readonly holdEvery: number;
  /** Graph did not say when to try again: the first wait, doubled each time up to `retrySlowly`. */
  readonly retryEvery: number;
  readonly retrySlowly: number;
  /** Distinct users are counted over this span against the revocation threshold, and one user's unplanned ends over that one. */
  readonly thresholdSpan: number;
  readonly userLimitSpan: number;
  /** What waits for another end of the same user is due this long before the longest that it may wait: messages are late by seconds. */
  readonly coalesceMargin: number;
  /** A wake-up that is this late has lost its message: the resync sends another. */
  readonly wakeLate: number;
}

export const defaultTimings: Timings = {
  timerLead: 4 * second,
  lastSeconds: 6 * second,
  rushLead: 15 * second,
  backupLead: 1500,
  backupEvery: second,
  backupUntil: 3 * second,
  waitInside: 5 * second,
  invocation: 20 * second,
  lookEvery: 300,
  lookClosely: 5 * second,
  lookSlowly: 10 * second,
  secondAbsence: 6 * second,
  secondAbsenceYoung: 61 * second,
  youngFor: 5 * minute,
  runGap: 2 * minute,
  overdueAfter: minute,
  unexplainedFor: 15 * minute,
  tombstoneFor: 48 * hour,
  // Of two answers whose dates lie five minutes apart the one may have come late in its second and the other early.
  ghostFor: 5 * minute + second,
  pollEvery: minute,
  leaseFor: minute,
  leaseMargin: 15 * second,
  readingFor: 15 * second,
  safetyNet: 20 * second,
  uncertainFor: 16 * second,
  readBackFor: 5 * minute,
  goneFor: 61 * second,
  unreadableFor: 5 * minute,
  unreadableGap: 2 * minute,
  holdEvery: minute,
  retryEvery: second,
  retrySlowly: 30 * second,
  thresholdSpan: 10 * minute,
  userLimitSpan: hour,
  coalesceMargin: 10 * second,
  wakeLate: 7 * second,
};
