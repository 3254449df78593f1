import { type PrivilegeEnd, REPORTED_TWICE_WITHIN } from "../../shared/audit-log/classify.ts";
import { type AuditRecord, pimRoles, principalsAmong } from "../../shared/audit-log/record.ts";
import { activityNamed } from "../../shared/base/audit-activities.ts";
import { instantMs } from "../../shared/graph/instants-and-ids.ts";
import type { PartialEnd } from "./history.ts";

/** Milliseconds. PIM's row has been seen five to seven seconds after Core Directory's: what names nobody must be as near as that. */
const NEAR = 30_000;

/** What a row of PIM reports although the export leaves out a part of it; undefined when it reports no single end either way. */
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
  /** Those that no row of Core Directory completes for certain. */
  readonly left: readonly PartialEnd[];
  /** The ends that one of `left` may mean. */
  readonly unsure: ReadonlySet<PrivilegeEnd>;
}

/**
 * Completes what rows of PIM report in part by the ends that Core Directory reports: those give who and what, these the reason. Only where
 * one end alone can be meant, or where as many rows of one reason report as many ends. Pure.
 * @param ends by time
 */
export function completeEnds(ends: readonly PrivilegeEnd[], partialEnds: readonly PartialEnd[]): Completed {
  const reasons = new Map<PrivilegeEnd, PartialEnd>();
  let left = partialEnds.toSorted((a, b) => a.at - b.at);
  const open = (partial: PartialEnd) => candidates(ends, partial).filter((end) => !reasons.has(end));

  for (let before = -1; before !== left.length; ) {
    before = left.length;
    left = left.filter((partial) => {
      const [only, ...more] = open(partial);
      if (only === undefined || more.length > 0) return true;
      reasons.set(only, partial);
      return false;
    });
  }
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

const complete = (end: PrivilegeEnd, { reason, rowId }: PartialEnd): PrivilegeEnd => ({
  ...end,
  reason,
  rowIds: [...end.rowIds, rowId],
});

function candidates(ends: readonly PrivilegeEnd[], partial: PartialEnd): readonly PrivilegeEnd[] {
  const { at, plane, principalIds, privilegeIds } = partial;
  const namesNobody = principalIds.length === 0 && privilegeIds.length === 0;
  if (plane === null && (principalIds.length === 0 || privilegeIds.length === 0)) return [];
  const [from, to] = namesNobody ? [at - NEAR, at] : [at - REPORTED_TWICE_WITHIN, at + REPORTED_TWICE_WITHIN];
  const found: PrivilegeEnd[] = [];
  for (let index = firstFrom(ends, from); index < ends.length; index += 1) {
    const end = ends[index];
    if (end === undefined || end.at > to) break;
    const privilegeId = end.kind === "roleEnd" ? end.roleDefinitionId : end.groupId;
    const isMeant =
      end.reason === "unknown" &&
      (plane === null || end.kind === `${plane}End`) &&
      (principalIds.length === 0 || principalIds.includes(end.principalId)) &&
      (privilegeIds.length === 0 || privilegeIds.includes(privilegeId));
    if (isMeant) found.push(end);
  }
  return found;
}

/** The index of the first end that is not before `at`. */
function firstFrom(ends: readonly PrivilegeEnd[], at: number): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle]?.at ?? Number.POSITIVE_INFINITY) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
