import type { PrivilegeEnd } from "../../shared/audit-log/classify.ts";
import type { Elevation, EndReason } from "../../shared/base/audit-activities.ts";

/** The events that stop a person's sessions where Continuous Access Evaluation works (Entra docs: concept-continuous-access-evaluation). */
export type CutBy = "sessions revoked" | "password changed" | "account disabled" | "MFA enabled";

/** The content of an export, as far as the app would use it. Its size grows with the ends and stops, not with the export. */
export interface History {
  /** Ends as the rows report them: most ends twice. */
  readonly ends: readonly PrivilegeEnd[];
  /** Ends that rows of PIM report incompletely. */
  readonly partialEnds: readonly PartialEnd[];
  /** Epoch milliseconds by user id, in their order. Bare numbers: password synchronisation alone may leave hundreds of thousands. */
  readonly cuts: ReadonlyMap<CutBy, ReadonlyMap<string, readonly number[]>>;
  /** Epoch milliseconds of completed activations by `holding`, in their order. */
  readonly activations: ReadonlyMap<string, readonly number[]>;
  /** Changes of users' elevated access to Azure, in the order read. */
  readonly elevations: readonly Elevation[];
  /** `yyyy-mm-dd`, UTC; null when no record has a date. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
}

/** An end reported by PIM in an export that leaves out the category, or the targets beyond the third. */
export interface PartialEnd {
  readonly lacks: "targets" | "category";
  /** Null when the export leaves out the category: then either is possible. */
  readonly plane: "role" | "group" | null;
  readonly reason: EndReason;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Principals to whom the row may refer; empty when the export leaves them out. */
  readonly principalIds: readonly string[];
  /** Role definition ids or group ids; empty when the export leaves them out. */
  readonly privilegeIds: readonly string[];
  readonly rowId: string;
}

/** The index of the first item that is not before `at`. `items` are in the order of their times. */
export function firstFrom<T>(items: readonly T[], at: number, timeOf: (item: T) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && timeOf(item) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first of these times that is not before `at`; infinity when there is none. */
export const firstTime = (times: readonly number[], at: number): number =>
  times[firstFrom(times, at, (time) => time)] ?? Number.POSITIVE_INFINITY;

/** The key of one principal's holding of one role. */
export const holding = (principalId: string, roleDefinitionId: string): string => `${principalId} ${roleDefinitionId}`;
