/**
 * Everything the app measures, by name, with its unit and meaning. Alert rules and the workbook speak of these and of no others.
 * A `counter` adds up; of a `distribution` Application Insights gets count, sum, least and most per minute, and nothing in a minute without a
 * measurement, so that an instance that has stopped measuring does not repeat its last word.
 */
export const metrics = {
  endToDetected: {
    kind: "distribution",
    unit: "ms",
    meaning:
      "from the announced end of a privilege to its established end; Graph's whole seconds. Of an end that nobody announced it is not known",
  },
  endToAccepted: { kind: "distribution", unit: "ms", meaning: "the same to Graph's acceptance of the revoke" },
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
      "unannounced ends of memberships in subscribed groups, by how Graph's notification came: told, late or missed",
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
    meaning: "share of a Graph quota that is used up, told by Graph from 0.8 on",
  },
} as const;
export type MetricName = keyof typeof metrics;
