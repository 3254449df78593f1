import { hour, minute, second } from "../base/clock.ts";
import { lag } from "./lag.ts";

/** How often the core makes a pass and how long its leases last: our own choices, in milliseconds. Passed in: the simulation switches off each. */
export const defaultTimings = {
  lag,
  /** An expiry timer fires this long before the end: queue polling (1 s), whole-second delays (1 s) and whole-second dates (1 s) fit in. */
  timerLead: 4 * second,
  /** A known end this near is waited for inside an invocation: longer than `timerLead` and Graph's whole second. */
  lastSeconds: 6 * second,
  /** The message for a mass expiry comes this long before its second, ahead of the thousand expiry timers in the same queue. */
  massExpiryLead: 15 * second,
  /** The standby message behind such a wait is due this long before the end: at most 2.25 s late, it precedes the removal, seen 0.9 s after the end. */
  standbyLead: 1500,
  /** A standby message that reaches the waiting process itself goes back to the queue for the first of these, until the second after the end. */
  standbyEvery: second,
  standbyUntil: 3 * second,
  /** Waits up to this long happen inside the invocation; longer ones are queue messages, which survive a crash. */
  waitInside: 5 * second,
  /** One invocation makes pass after pass for at most this long. */
  invocation: 20 * second,
  /**
   * The wait between two passes around a planned end: this long, or `passEvery` where more than `closeAtMost` principals wait at once. After the end it is a
   * tenth of the time since then, if that is longer, and `passSlowly` at most. Each pass costs one `$batch` of three requests.
   */
  passVeryOften: 100,
  closeAtMost: 10,
  passEvery: 300,
  passSlowly: 10 * second,
  /** An invocation keeps what it loaded for this long, unless it writes: if another process writes meanwhile, the commit fails and the pass starts over. */
  keptFor: 5 * second,
  /** How often a call is read back whose effect a lagging replica may hide. */
  readBackEvery: 2 * second,
  /** A privilege still listed this long after its end is raised. */
  overdueAfter: minute,
  /** A principal that Graph does not find is read at least this often: whoever was deleted can be restored, and the role comes back with them. */
  missingEvery: 10 * minute,
  /** How often a privilege that the list does not show is read again: one held through a group, or one that only the directory shows. */
  pollEvery: minute,
  /** The attempt is a lease of this length (storage's time); the call may start only while `leaseMargin` is left. */
  leaseFor: minute,
  leaseMargin: 15 * second,
  /** A reading this old is not acted upon: the process may have been frozen, and the lost privilege may be held again. */
  readingFor: 15 * second,
  /** A message this long after an attempt takes it over if its host has died. */
  safetyNet: 20 * second,
  /** Failed reads for this long after a planned end are raised. A gap of `unreadableGap` between tries starts the count anew. */
  unreadableFor: 5 * minute,
  unreadableGap: 2 * minute,
  /** The wait before the next pass when a person must act first (a stop, a 403). */
  holdEvery: minute,
  /** The first wait when Graph did not say when to try again; it doubles each time up to `retrySlowly`. */
  retryEvery: second,
  retrySlowly: 30 * second,
  /** Spans of the revocation threshold: distinct users are counted over the first, one user's unplanned ends over the second. */
  thresholdSpan: 10 * minute,
  userLimitSpan: hour,
  /** A revoke that waits for another end of the same user is due this long before its deadline: messages are late by seconds. */
  coalesceMargin: 10 * second,
  /** A pass this late has lost its message: the resync sends another. */
  wakeLate: 7 * second,
};

export type Timings = Readonly<typeof defaultTimings>;
