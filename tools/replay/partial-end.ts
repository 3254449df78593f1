import type { PrivilegeEnd } from "../../shared/audit-log/classify.ts";
import { type AuditRecord, pimRoles, principalsAmong } from "../../shared/audit-log/record.ts";
import { REPORTED_TWICE_WITHIN } from "../../shared/audit-log/reduce-ends.ts";
import { activityNamed } from "../../shared/base/audit-activities.ts";
import { instantMs } from "../../shared/graph/instants-and-ids.ts";
import { firstFrom, type PartialEnd } from "./history.ts";

/** Milliseconds. PIM's row has been seen five to seven seconds after Core Directory's. A row that names no user must be as near as that. */
const NEAR = 30_000;

/** The end that a row of PIM reports although the export leaves out a part of the row; undefined when even the whole row would report no single end. */
export function partialEnd(record: AuditRecord, lacks: PartialEnd["lacks"]): PartialEnd | undefined {
  const activity = activityNamed(record.activity);
  if (activity?.means !== "pimEnd") return undefined;
  const plane = lacks === "category" ? null : record.category === "GroupManagement" ? "group" : "role";
  const principals = principalsAmong(record);
  const groups = principals.filter(({ type }) => type === "group").map(({ id }) => id);
  const holders = principals.filter(({ type }) => plane !== "group" || type !== "group").map(({ id }) => id);
  const privileges =
    plane === "role" ? pimRoles(record) : plane === "group" ? groups : [...pimRoles(record), ...groups];
  if (plane !== null && (holders.length > 1 || privileges.length > 1)) return undefined;
  return {
    lacks,
    plane,
    reason: activity.reason,
    at: instantMs(record.occurredAt),
    principalIds: holders,
    privilegeIds: privileges,
    rowId: record.id,
  };
}

interface Completed {
  readonly ends: readonly PrivilegeEnd[];
  /** Rows that no row of Core Directory completes with certainty. */
  readonly left: readonly PartialEnd[];
  /** The ends to which a row of `left` may refer. */
  readonly unsure: ReadonlySet<PrivilegeEnd>;
}

/**
 * Completes partial rows of PIM by the ends that Core Directory reports: Core Directory gives user and privilege, PIM the reason. Done only where a row
 * can refer to one end alone, or where as many rows with one reason report as many ends. Pure.
 * @param ends by time
 */
export function completeEnds(ends: readonly PrivilegeEnd[], partialEnds: readonly PartialEnd[]): Completed {
  const reasons = new Map<PrivilegeEnd, PartialEnd>();
  const byTime = partialEnds.toSorted((a, b) => a.at - b.at);
  const open = (partial: PartialEnd) => candidates(ends, partial).filter((end) => !reasons.has(end));
  completeSingles(byTime, open, reasons);
  const completing = new Set(reasons.values());
  let left: readonly PartialEnd[] = byTime.filter((partial) => !completing.has(partial));
  const alike = Map.groupBy(
    left.map((row) => ({ row, meant: open(row) })),
    ({ row, meant }) => [row.reason, row.plane, row.principalIds, row.privilegeIds, meant.length, meant[0]?.at].join(),
  );
  for (const rows of alike.values()) {
    const meant = rows[0]?.meant ?? [];
    if (rows.length < meant.length) continue;
    for (const [at, end] of meant.entries()) {
      const row = rows[at]?.row;
      if (row && !reasons.has(end)) reasons.set(end, row);
    }
  }
  const used = new Set(reasons.values());
  left = left.filter((partial) => !used.has(partial));
  const completed = new Map([...reasons].map(([end, partial]) => [end, complete(end, partial)]));
  return {
    ends: ends.map((end) => completed.get(end) ?? end),
    left,
    unsure: new Set(left.flatMap(open)),
  };
}

/** Completes each end to which only one row can refer. Other rows then have fewer possible ends, perhaps only one. */
function completeSingles(
  byTime: readonly PartialEnd[],
  open: (partial: PartialEnd) => readonly PrivilegeEnd[],
  reasons: Map<PrivilegeEnd, PartialEnd>,
): void {
  const counts = new Map(byTime.map((partial) => [partial, open(partial).length]));
  const waiting = byTime.filter((partial) => counts.get(partial) === 1);
  for (const partial of waiting) {
    const [only] = open(partial);
    if (only === undefined) continue;
    reasons.set(only, partial);
    const from = firstFrom(byTime, only.at - REPORTED_TWICE_WITHIN, ({ at }) => at);
    for (let index = from; index < byTime.length; index += 1) {
      const other = byTime[index];
      if (other === undefined || other.at > only.at + REPORTED_TWICE_WITHIN) break;
      if (other === partial || !means(other, only)) continue;
      const count = (counts.get(other) ?? 0) - 1;
      counts.set(other, count);
      if (count === 1) waiting.push(other);
    }
  }
}

const complete = (end: PrivilegeEnd, { reason, rowId }: PartialEnd): PrivilegeEnd => ({
  ...end,
  reason,
  rowIds: [...end.rowIds, rowId],
});

/** The period, in milliseconds, in which an end must lie for the row to refer to it. */
const window = ({ at, principalIds, privilegeIds }: PartialEnd): readonly [from: number, to: number] =>
  principalIds.length === 0 && privilegeIds.length === 0
    ? [at - NEAR, at]
    : [at - REPORTED_TWICE_WITHIN, at + REPORTED_TWICE_WITHIN];

function means(partial: PartialEnd, end: PrivilegeEnd): boolean {
  const { plane, principalIds, privilegeIds } = partial;
  if (plane === null && (principalIds.length === 0 || privilegeIds.length === 0)) return false;
  const [from, to] = window(partial);
  const privilegeId = end.kind === "roleEnd" ? end.roleDefinitionId : end.groupId;
  return (
    end.reason === "unknown" &&
    end.at >= from &&
    end.at <= to &&
    (plane === null || end.kind === `${plane}End`) &&
    (principalIds.length === 0 || principalIds.includes(end.principalId)) &&
    (privilegeIds.length === 0 || privilegeIds.includes(privilegeId))
  );
}

function candidates(ends: readonly PrivilegeEnd[], partial: PartialEnd): readonly PrivilegeEnd[] {
  const [from, to] = window(partial);
  const found: PrivilegeEnd[] = [];
  for (let index = firstFrom(ends, from, (end) => end.at); index < ends.length; index += 1) {
    const end = ends[index];
    if (end === undefined || end.at > to) break;
    if (means(partial, end)) found.push(end);
  }
  return found;
}
