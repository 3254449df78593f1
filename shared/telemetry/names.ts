/**
 * Everything the app records, by name, with its meaning. Alert rules, the workbook and the runbook use these names and no others.
 * An event is something that an operator may want to count or to find later.
 */
export const events = {
  auditStreamed: "the audit stream named principals: each gets a pass",
  auditsRead: "a stretch of Graph's audit log was read and taken in",
  auditsUnread: "Graph's audit log could not be read; tried again",
  auditsUnsupported: "this cloud does not offer the audit log through Graph; asked again every hour",
  corroborationFailed: "Graph's audit log could not be asked whether it shows a held end",
  doubtful: "no view shows a privilege any more, and a rule waits for a second answer: `rule`, `until`",
  endMoved: "the announced end of a privilege moved",
  ended: "a privilege ended: a pending revocation was committed",
  groupEnded: "a group lost a privilege, or a member left it: it is fanned out to members",
  joinsUnread: "the audit log did not show who joined a group after its end: nobody counts as having joined",
  leaseOver: "no call was made because the lease on it had run out",
  members: "the number of watched members of a group changed",
  membersUnread: "the members of a group could not be read; tried again",
  notificationsRejected:
    "notifications were not authentic, counted by the check that they failed: the first at once, then once a minute (`count`)",
  notificationsUnpersisted: "notifications could not be stored: Graph is asked to send them again; counted likewise",
  noticeDropped:
    "a notice that is dropped: its outcome was never recorded or is forgotten, its channel is gone, or no channel took the alarm",
  notified: "a channel took a message",
  notifyFailed: "a channel did not take a message; tried again",
  operated: "an operator's order was carried out",
  operatorRefused:
    "a caller with a function key wanted to give an order or to see people, and is no operator; counted likewise",
  outcome: "a pending revocation got its one outcome",
  fannedOut: "one page of members got the losses of a group as pending revocations",
  personMailed: "a person got a mail about an end of theirs",
  personUnmailed: "a person got no mail about an end of theirs, or perhaps none: `code`",
  purged: "records of outcomes and orders older than the retention were removed",
  readFailed: "a principal could not be read; tried again",
  resultUnrecorded: "the result of a call could not be stored; it counts as unknown",
  resyncFailed: "the active set could not be read; tried again",
  resynced: "the whole active set was read",
  revokeAccepted: "Graph accepted revokeSignInSessions",
  revokeFailed: "Graph did not accept revokeSignInSessions; tried again where that is safe",
  roleNamesUnread: "role names could not be read; tried again",
  massExpiryBegan: "many ends in one second are carried out by one instance",
  massExpiryEnded: "such a mass expiry is over",
  sourceEnded: "an assignment left PIM's list while the privilege goes on: nothing follows",
  storageUnavailable: "storage did not answer; tried again",
  subscriptionCreated: "Graph took a subscription",
  subscriptionDeleted: "a subscription of ours that is not wanted any more was deleted",
  subscriptionFailed: "a subscription could not be created or renewed; tried again",
  subscriptionLost: "Graph does not know a subscription any more; it is created anew",
  subscriptionRenewed: "a subscription was renewed",
  subscriptionsUnkept: "the subscriptions could not be compared with those that should exist; tried again",
  subscriptionUnsupported: "Graph does not offer what was asked for; asked again once a day",
  threshold: "a pending revocation was admitted, held, released or corroborated by the revocation threshold",
  holdingBegan: "a privilege was seen for the first time: a holding began",
} as const;
export type EventName = keyof typeof events;

/** An alarm means that a person has to act. Each has an entry in docs/operate.md. */
export const alarms = {
  auditGap: "the audit log was not read for longer than Graph keeps it: ends in the gap are unknown",
  auditRowsUnreadable: "records of the audit log or its stream could not be read; the others were taken in",
  auditsRefused: "Graph refuses to read the audit log",
  channelStopped: "a channel's receiver answered 410: nothing is sent to it until an operator acts",
  deadLetter: "a message failed for good and was parked",
  elevatedAccessStays:
    "Global Administrator ended for a user who had elevated their access to Azure: that outlives the role and every revoke",
  enforcementChanged: "the settings make the app cut less than before, or more: `setting`, `direction`, counts",
  exemptionIgnored: "a user joined an excluded group after the privilege that they lost was first seen: they were cut",
  exemptionsChanged: "a user joined an excluded group, or left an included one",
  groupAccessRefused: "Graph refuses to read PIM for Groups",
  groupSearchFailed: "the groups to be watched could not be found out",
  kindChanged: "a user who holds a privilege became an external user, or ceased to be one",
  listRowsUnreadable: "rows of PIM's list are not what Graph promises: set aside, and nothing follows from them",
  mailRefused: "Azure Communication Services refuses to send a mail to a person",
  membersRefused: "Graph refuses to read the members of a group",
  noticeParked: "a channel did not take an outcome for more than a day, or refused it",
  operation: "an operator gave an order",
  readRefused: "Graph refuses to read a principal",
  removalOverdue: "PIM still lists an assignment a minute after its end",
  resyncRefused: "Graph refuses to read the active set",
  revokingBegan: "settings led out of off, reportOnly or a stop: what is pending is raised before it is carried out",
  revokeRefused: "Graph refuses revokeSignInSessions for lack of permission",
  roleNamesRefused: "Graph refuses to read role names",
  rowForged: "a stored row is not sealed by this app, or was put back: another party writes to the storage account",
  rowsVanished: "stored rows are gone and no commit of ours removed them: another party deletes in the storage account",
  rowUnreadable: "a stored row is not one that this version can read",
  scopeUnread: "Graph could not be asked who is in the groups that the settings include or exclude",
  settingProblem: "a setting names something that Graph does not know",
  telemetryUnavailable: "Application Insights could not be loaded: events are log lines until the next start",
  subscriptionRefused: "Graph refuses a subscription: permission, quota, or another deployment has it",
  subscriptionsRefused: "Graph refuses to list the subscriptions, or to change one",
  telemetryUnsent: "Application Insights does not take what is sent: alarms are log lines all the same",
  tierZeroNotCut: "a most powerful role ended and nobody was cut: of another tenant, excluded or out of scope",
  thresholdReached: "the revocation threshold holds further revokes",
  validationTokenBad: "authentic notifications came with a token that is not Graph's: they were not used",
  unreadable: "a principal could not be read for five minutes after a known end",
} as const;
export type AlarmName = keyof typeof alarms;

/**
 * Everything the app measures, by name, with its unit and meaning. Alert rules and the workbook use these names and no others.
 * A `counter` adds up. Of a `distribution` Application Insights gets count, sum, minimum and maximum per minute. A minute without a measurement
 * sends nothing, so that an instance that has stopped measuring does not repeat its last value.
 */
export const metrics = {
  endToDetected: {
    kind: "distribution",
    unit: "ms",
    meaning:
      "at most so long from the announced end of a privilege to its established end: Graph's times are whole seconds, so it was up to one second less. For an end that was not announced it is not known",
  },
  endToAccepted: {
    kind: "distribution",
    unit: "ms",
    meaning: "the same to Graph's acceptance of the call, a guest's included",
  },
  endToVerified: { kind: "distribution", unit: "ms", meaning: "the same to the read-back that shows it" },
  graphCalls: {
    kind: "counter",
    unit: "{call}",
    meaning: "requests to Graph and items of its batches, by endpoint and result",
  },
  heldPrincipals: {
    kind: "distribution",
    unit: "{principal}",
    meaning: "principals of whom the threshold holds something",
  },
  oldestPending: {
    kind: "distribution",
    unit: "ms",
    meaning: "age of the oldest end without an outcome; 0 when there is none",
  },
  pendingPrincipals: {
    kind: "distribution",
    unit: "{principal}",
    meaning: "principals with an end without an outcome, by its age",
  },
  membershipEnds: {
    kind: "counter",
    unit: "{end}",
    meaning:
      "unannounced ends of memberships in subscribed groups, by how Graph's notification came: notified, late or missed",
  },
  sourceHealthy: {
    kind: "distribution",
    unit: "1",
    meaning: "1 when a source of signals works, 0 when it fails, by source",
  },
  subscriptionLeft: {
    kind: "distribution",
    unit: "ms",
    meaning: "how long each subscription to Graph's notifications still has before it ends, by source",
  },
  thresholdAllowed: {
    kind: "distribution",
    unit: "{user}",
    meaning: "users that the revocation threshold lets pass, by limit",
  },
  thresholdUsers: { kind: "distribution", unit: "{user}", meaning: "users counted against that limit" },
  throttlePercentage: {
    kind: "distribution",
    unit: "1",
    meaning: "share of a Graph quota that is used up, reported by Graph from 0.8 on",
  },
} as const;
export type MetricName = keyof typeof metrics;
