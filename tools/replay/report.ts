import type { CutBy } from "./history.ts";
import type { Verdict } from "./judge-ends.ts";
import type { RecordCounts } from "./record-class.ts";

/** All results of the replay. It names people, so it goes only where the person at the terminal sends it. Times are UTC. */
export interface Report {
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly read: Reading;
  readonly privileges: readonly PrivilegeCount[];
  readonly totals: Totals;
  readonly exposure: Exposure;
  /** Every day of the period, or only those with ends when the period is longer than a year. */
  readonly days: readonly DayCount[];
  /** The most affected first. */
  readonly people: readonly PersonCount[];
  /** Null without an activity log. */
  readonly activity: Activity | null;
  /** By time. Without the ordinary removals from groups, which `totals` counts. */
  readonly ends: readonly ReportedEnd[];
}

export interface Reading {
  readonly files: readonly string[];
  /** Files that could not be replayed; nothing of them is counted. */
  readonly refused: readonly Refused[];
  readonly records: number;
  /** Counts by class. Every record counts once, so their sum is `records`. */
  readonly counts: RecordCounts;
  /** The categories and services of `otherPlane`: the first few. */
  readonly otherPlanes: readonly string[];
  readonly unreadable: Unreadable;
}

export interface Refused {
  readonly file: string;
  readonly code: string;
  /** For people. */
  readonly reason: string;
}

export interface Unreadable {
  readonly count: number;
  /** How many of them name an activity that a verdict could have needed. */
  readonly reporting: number;
  /** The first of them. */
  readonly places: readonly { readonly file: string; readonly position: string; readonly problem: string }[];
}

interface Totals {
  readonly ends: number;
  readonly signOuts: number;
  readonly peopleSignedOut: number;
  /** Ends of Global Administrator of people who had elevated their access to Azure, which no sign-out ends. */
  readonly elevatedEnds: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
}

export interface PrivilegeCount {
  readonly kind: "role" | "group";
  readonly id: string;
  readonly name: string;
  readonly expired: number;
  readonly deactivated: number;
  readonly removed: number;
  readonly unknown: number;
  readonly total: number;
}

/** Minutes, summed over the ends of people: `low` for tokens of 60 minutes, `high` for 90. */
export interface Minutes {
  readonly low: number;
  readonly high: number;
}

export interface Exposure {
  readonly ends: number;
  readonly upperBound: Minutes;
  /** The same when stops in the export count as the end of sessions, and a role that was activated again counts as held. */
  readonly narrowed: Minutes;
  readonly narrowedBy: Readonly<Partial<Record<CutBy | "held again", number>>>;
}

export interface DayCount {
  /** `yyyy-mm-dd` */
  readonly day: string;
  readonly ends: number;
  readonly signOuts: number;
}

export interface PersonCount {
  readonly id: string;
  readonly name: string;
  readonly ends: number;
  readonly signOuts: number;
  readonly upperBound: Minutes;
  readonly narrowed: Minutes;
  readonly survivingCalls: number | null;
}

export interface Activity {
  readonly files: readonly string[];
  readonly calls: number;
  /** Calls by apps without a user, or records of other logs. */
  readonly others: number;
  readonly unreadable: Unreadable;
  readonly survivingCalls: number;
  readonly endsOutlived: number;
}

export interface ReportedEnd {
  /** ISO 8601, milliseconds. */
  readonly at: string;
  readonly kind: "role" | "group";
  readonly privilegeId: string;
  readonly privilege: string;
  readonly principalId: string;
  readonly principal: string;
  readonly principalType: string;
  readonly reason: string;
  readonly verdict: Verdict;
  /** Minutes from the end, rounded up to hundredths; null when the export shows nothing. */
  readonly narrowed: { readonly afterMinutes: number; readonly by: CutBy | "held again" } | null;
  readonly survivors: {
    readonly calls: number;
    readonly first: string;
    readonly last: string;
    readonly examples: readonly { readonly at: string; readonly tokenIssuedAt: string; readonly request: string }[];
  } | null;
  readonly rowIds: readonly string[];
}
