/** What a record of the log is to a replay. Every record that was read is of exactly one class, and every class has its line in the report. */
export const recordClasses = [
  /** Tells of an end that the report has. */
  "end",
  /** The same, of PIM, without targets for which the portal's CSV has no room; a row of Core Directory has them. */
  "completedEnd",
  /** Reports somebody who left a group, and no row of PIM reports it. */
  "groupRemoval",
  /** The same, but the rows of PIM around it lack what would show whether they mean it. */
  "unsureGroupRemoval",
  /** Tells of an end whose holder or group the portal's CSV has no room for, and no other row does. */
  "cutOffEnd",
  /** Reports an end of PIM without its category, and no row of Core Directory reports the same. */
  "planelessEnd",
  /** Tells of an end, but not of exactly one holder and one privilege. */
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
  /** Tells who got User Access Administrator over all of Azure, or lost it. */
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
