/**
 * Everything the app tells, by name, and what it means. Alert rules, the workbook and the runbook speak of these and of no others.
 * An event is something that an operator may want to count or look up.
 */
export const events = {
  auditStreamed: "the audit stream named principals, who are looked at",
  auditsRead: "a stretch of Graph's audit log was read and taken in",
  auditsUnread: "Graph's audit log could not be read; tried again",
  auditsUnsupported: "this cloud does not offer the audit log through Graph; asked again every hour",
  corroborationFailed: "Graph's audit log could not be asked whether it shows a held end",
  endMoved: "a watched assignment was extended, renewed or shortened",
  ended: "a watched privilege ended: an obligation was committed",
  groupEnded: "a group lost a privilege, or a member left it: it is passed on to members",
  leaseOver: "no call was made because the lease on it had run out",
  members: "the number of watched members of a group changed",
  membersUnread: "the members of a group could not be read; tried again",
  operated: "an operator's order was carried out",
  outcome: "an obligation got its one outcome",
  passedOn: "one page of members got their obligations from a group",
  readFailed: "a principal could not be read; tried again",
  resultUnrecorded: "the result of a call could not be stored; it counts as unknown",
  resyncFailed: "the active set could not be read; tried again",
  resynced: "the whole active set was read",
  revokeAccepted: "Graph accepted revokeSignInSessions",
  revokeFailed: "Graph did not accept revokeSignInSessions; tried again where that is safe",
  roleNamesUnread: "role names could not be read; tried again",
  rushBegan: "many ends in one second are carried out by one instance",
  rushEnded: "such a rush is over",
  storageUnavailable: "storage did not answer; tried again",
  threshold: "an obligation was admitted, held, released or corroborated by the revocation threshold",
  watched: "an assignment is watched from now on",
} as const;
export type EventName = keyof typeof events;

/** An alarm needs a person. Each has an entry in docs/operate.md. */
export const alarms = {
  auditGap: "the audit log was not read for longer than Graph keeps it: ends in the gap are unknown",
  auditRowsUnreadable: "records of the audit log or its stream could not be read; the others were taken in",
  auditsRefused: "Graph refuses to read the audit log",
  deadLetter: "a message failed for good and was parked",
  groupAccessRefused: "Graph refuses to read PIM for Groups",
  groupSearchFailed: "the groups to be watched could not be found out",
  membersRefused: "Graph refuses to read the members of a group",
  operation: "an operator gave an order",
  readRefused: "Graph refuses to read a principal",
  removalOverdue: "PIM still lists an assignment a minute after its end",
  resyncRefused: "Graph refuses to read the active set",
  revokingBegan: "settings led out of off, reportOnly or a stop: what is pending is told before it is carried out",
  revokeRefused: "Graph refuses revokeSignInSessions for lack of permission",
  roleNamesRefused: "Graph refuses to read role names",
  rowUnreadable: "a stored row is not one that this version can read",
  scopeUnread: "Graph could not be asked who is in the groups that the settings include or exclude",
  settingProblem: "a setting names something that Graph does not know",
  telemetryUnavailable: "Application Insights could not be loaded: events are log lines until the next start",
  thresholdReached: "the revocation threshold holds further revokes",
  unreadable: "a principal could not be read for five minutes after a known end",
} as const;
export type AlarmName = keyof typeof alarms;
