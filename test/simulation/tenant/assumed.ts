const second = 1000;
const minute = 60 * second;

/**
 * How late Graph's answers may be, as the app assumes of the platform: the lags of the model tenant stay below these, and come close to them.
 * A second list on purpose: a bound of the app that is too short shall be found here, not agreed with.
 */
export const assumed = {
  /** Both views deny a privilege that is held. */
  secondAnswer: 5 * second,
  /** The same while a source is new, and until each view shows it. */
  newSource: 60 * second,
  newFor: 5 * minute,
  /** A view shows what has ended, or one alone denies what is held. */
  staleRow: 4.5 * minute,
  userMissing: 60 * second,
  /** Two lags of this kind, or of both views, are at least that far apart. */
  oneLag: 100 * second,
  sessionsLag: 14.5 * second,
  /** PIM's audit row comes that much later than Core Directory's. */
  auditSlack: 6 * second,
} as const;
