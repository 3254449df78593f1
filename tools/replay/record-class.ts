/** What a record of the log means for a replay. Every record that was read has exactly one class, and every class has its line in the report. */
export const recordClasses = [
  /** Reports an end that the report shows. */
  "end",
  /** The same by a row of PIM, whose targets do not all fit into the portal's CSV; a row of Core Directory has the missing ones. */
  "completedEnd",
  /** Reports that a user left a group, and no row of PIM reports the same. */
  "groupRemoval",
  /** The same, but rows of PIM near it are incomplete and may report the same end. */
  "unsureGroupRemoval",
  /** Reports an end whose holder or group does not fit into the portal's CSV, and no other row reports the same end. */
  "cutOffEnd",
  /** Reports an end of PIM without its category, and no row of Core Directory reports the same. */
  "planelessEnd",
  /** Reports an end, but does not name exactly one holder and one privilege. */
  "unclearEnd",
  "deviceRemoval",
  "nestedGroupRemoval",
  "azureEnd",
  "azureActivation",
  /** The name of an end or an activation, of another category or service. */
  "otherPlane",
  "notSuccessful",
  "activation",
  /** Stops a person's sessions where Continuous Access Evaluation works. */
  "sessionStop",
  /** Reports a user who got User Access Administrator over all of Azure, or lost it. */
  "elevation",
  "request",
  "eligibility",
  "lookAlike",
  /** A record of an end with an id that was read before: exports overlap. */
  "repeated",
  "otherActivity",
  "otherLog",
  "unreadable",
] as const;

export type RecordClass = (typeof recordClasses)[number];

export type RecordCounts = Readonly<Record<RecordClass, number>>;

export const noCounts = (): Record<RecordClass, number> => ({
  end: 0,
  completedEnd: 0,
  groupRemoval: 0,
  unsureGroupRemoval: 0,
  cutOffEnd: 0,
  planelessEnd: 0,
  unclearEnd: 0,
  deviceRemoval: 0,
  nestedGroupRemoval: 0,
  azureEnd: 0,
  azureActivation: 0,
  otherPlane: 0,
  notSuccessful: 0,
  activation: 0,
  sessionStop: 0,
  elevation: 0,
  request: 0,
  eligibility: 0,
  lookAlike: 0,
  repeated: 0,
  otherActivity: 0,
  otherLog: 0,
  unreadable: 0,
});
