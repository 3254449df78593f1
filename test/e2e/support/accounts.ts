/** Storage accounts of the one Azurite that all tests share: one per test, so that none sees another's rows and messages. */
export const accounts = [
  "latency",
  "beforewatched",
  "watched",
  "waiting",
  "ended",
  "notapplied",
  "applied",
  "appliedlagging",
  "accepted",
  "waitingofpair",
  "idleofpair",
  "listfirst",
  "directoryfirst",
  "stalelist",
  "mixedlist",
  "reportonly",
  "holders",
  "reactivated",
  "badinput",
  "rubbish",
  "badsettings",
  "goodsettings",
  "revokepermission",
  "listpermission",
] as const;

export type Account = (typeof accounts)[number];
