import { lag } from "./lag.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * How often the core makes a pass, and how long its leases last: our own choices, in milliseconds. What Graph's lateness asks for is the lag table. Passed in, so
 * that the simulation can take one safety away and show that it is missed.
 */
export const defaultTimings = {
  /** The bounds of the lag table. */
  lag,
  /** An expiry timer fires this long before the end: queue polling (1 s), whole-second delays (1 s) and whole-second dates (1 s) fit in. */
  timerLead: 4 * second,
  /** A known end this near is waited for inside an invocation: longer than `timerLead` and Graph's whole second. */
  lastSeconds: 6 * second,
  /** Whoever cuts a mass expiry is called this long before its second, ahead of the thousand expiry timers in the same queue. */
  massExpiryLead: 15 * second,
  /**
   * The message behind such a wait is asked for this long before the end. Graph's whole seconds and whole-second delays make that two seconds, and polling
   * a quarter more: it comes before the removal, which was seen 0.9 s after the end, and not much earlier.
   */
  standbyLead: 1500,
  /** One that comes to the very process that waits goes back for so long, until so long after the end. */
  standbyEvery: second,
  standbyUntil: 3 * second,
  /** Waits up to this long happen inside the invocation; longer ones are queue messages, which survive a crash. */
  waitInside: 5 * second,
  /** One invocation makes pass after pass for at most this long. */
  invocation: 20 * second,
  /**
   * After a planned end: how often a pass is made, and for how long before the next step of backing off. Each pass costs one `$batch` of three requests; at most
   * `closeAtMost` principals at once get passes very closely after each other from one process.
   */
  passVeryOften: 100,
  passVeryClosely: 2 * second,
  closeAtMost: 10,
  passEvery: 300,
  passClosely: 5 * second,
  passSlowly: 10 * second,
  /** Steps between the last two; and how often a call is read back whose effect a lagging replica may hide. */
  passLess: second,
  passLate: 3 * second,
  readBackEvery: 2 * second,
  /** Still listed this long after its end: somebody should know. */
  overdueAfter: minute,
  /** How often that is read again which the list does not show: a group membership that holds a role, a row that only the directory has. */
  pollEvery: minute,
  /** The attempt is a lease of this length (storage's time); the call may start only while `leaseMargin` is left. */
  leaseFor: minute,
  leaseMargin: 15 * second,
  /** A reading this old is not acted upon: the process may have been frozen, and what was lost may be held again. */
  readingFor: 15 * second,
  /** A message this long after an attempt takes it over, should the host that makes it die. */
  safetyNet: 20 * second,
  /** Failed reads for this long after a planned end are raised. A gap of `unreadableGap` between tries starts the count anew. */
  unreadableFor: 5 * minute,
  unreadableGap: 2 * minute,
  /** How long work waits that needs a person (a stop, a 403), before the next pass. */
  holdEvery: minute,
  /** Graph did not say when to try again: the first wait, doubled each time up to `retrySlowly`. */
  retryEvery: second,
  retrySlowly: 30 * second,
  /** Distinct users are counted over this span against the revocation threshold, and one user's unplanned ends over that one. */
  thresholdSpan: 10 * minute,
  userLimitSpan: hour,
  /** What waits for another end of the same user is due this long before the longest that it may wait: messages are late by seconds. */
  coalesceMargin: 10 * second,
  /** A wake-up that is this late has lost its message: the resync sends another. */
  wakeLate: 7 * second,
};

export type Timings = Readonly<typeof defaultTimings>;
