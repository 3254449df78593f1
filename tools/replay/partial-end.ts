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
  const index = indexBy(ends, keysOfEnd);
  const open = (partial: PartialEnd) =>
    index.within(keysOfRow(partial), ...window(partial)).filter((end) => !reasons.has(end));
  completeSingles(byTime, open, reasons);
  const completing = new Set(reasons.values());
  let left: readonly PartialEnd[] = byTime.filter((partial) => !completing.has(partial));
  for (const { rows, meant } of alike(left, open)) {
    if (rows.length < meant.length) continue;
    for (const [at, end] of meant.entries()) {
      const row = rows[at];
      if (row && !reasons.has(end)) reasons.set(end, row);
    }
  }
  const used = new Set(reasons.values());
  left = left.filter((partial) => !used.has(partial));
  const completed = new Map([...reasons].map(([end, partial]) => [end, complete(end, partial)]));
  const unsure = new Set<PrivilegeEnd>();
  for (const row of left) for (const end of open(row)) unsure.add(end);
  return { ends: ends.map((end) => completed.get(end) ?? end), left, unsure };
}

/** Rows of one reason that may refer to the same ends, and these ends once: each row's own list of them would fill the memory. */
function alike(left: readonly PartialEnd[], open: (partial: PartialEnd) => readonly PrivilegeEnd[]) {
  const groups = new Map<string, { readonly rows: PartialEnd[]; readonly meant: readonly PrivilegeEnd[] }>();
  for (const row of left) {
    const meant = open(row);
    const key = [row.reason, row.plane, row.principalIds, row.privilegeIds, meant.length, meant[0]?.at].join();
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, { rows: [row], meant });
  }
  return groups.values();
}

/** Completes each end to which only one row can refer. Other rows then have fewer possible ends, perhaps only one. */
function completeSingles(
  byTime: readonly PartialEnd[],
  open: (partial: PartialEnd) => readonly PrivilegeEnd[],
  reasons: Map<PrivilegeEnd, PartialEnd>,
): void {
  const counts = new Map(byTime.map((partial) => [partial, open(partial).length]));
  const rows = indexBy(byTime, keysOfRow);
  const waiting = byTime.filter((partial) => counts.get(partial) === 1);
  for (const partial of waiting) {
    const [only] = open(partial);
    if (only === undefined) continue;
    reasons.set(only, partial);
    const near = rows.within(keysOfEnd(only), only.at - REPORTED_TWICE_WITHIN, only.at + REPORTED_TWICE_WITHIN);
    for (const other of near) {
      const [from, to] = window(other);
      if (other === partial || only.at < from || only.at > to) continue;
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

/** Items by several keys, each list by time: in a mass expiry thousands of ends lie near one row, and few are of its holder. */
interface Index<T> {
  /** The items under any of these keys from one time to another, by time. */
  within(keys: readonly string[], from: number, to: number): readonly T[];
}

function indexBy<T extends { readonly at: number }>(
  byTime: readonly T[],
  keysOf: (item: T) => readonly string[],
): Index<T> {
  const lists = new Map<string, T[]>();
  for (const item of byTime) {
    for (const key of keysOf(item)) {
      const list = lists.get(key);
      if (list) list.push(item);
      else lists.set(key, [item]);
    }
  }
  return {
    within(keys, from, to) {
      const found: T[] = [];
      for (const key of keys) {
        const list = lists.get(key) ?? [];
        for (let index = firstFrom(list, from, ({ at }) => at); index < list.length; index += 1) {
          const item = list[index];
          if (item === undefined || item.at > to) break;
          found.push(item);
        }
      }
      return keys.length === 1 ? found : found.toSorted((a, b) => a.at - b.at);
    },
  };
}

const ANY = "any";
const allOf = (kinds: readonly string[], principals: readonly string[], privileges: readonly string[]) =>
  kinds.flatMap((kind) => principals.flatMap((who) => privileges.map((what) => `${kind} ${who} ${what}`)));

/** Under which keys a row may look for an end. An end that has its reason needs no row. */
const keysOfEnd = (end: PrivilegeEnd): readonly string[] =>
  end.reason === "unknown"
    ? allOf([end.kind], [end.principalId, ANY], [end.kind === "roleEnd" ? end.roleDefinitionId : end.groupId, ANY])
    : [];

/** Under which keys the ends are to which the row may refer. Without its category a row must name both holder and privilege. */
function keysOfRow({ plane, principalIds, privilegeIds }: PartialEnd): readonly string[] {
  const isVague = principalIds.length === 0 || privilegeIds.length === 0;
  if (plane === null && isVague) return [];
  const kinds = plane === null ? ["roleEnd", "groupEnd"] : [`${plane}End`];
  return allOf(kinds, orAny(principalIds), orAny(privilegeIds));
}

const orAny = (ids: readonly string[]): readonly string[] => (ids.length === 0 ? [ANY] : [...new Set(ids)]);
