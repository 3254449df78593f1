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
  const openEnds = () =>
    new Index(
      ends.filter((end) => !reasons.has(end)),
      keysOfEnd,
    );
  completeSingles(byTime, openEnds(), reasons);
  const completing = new Set(reasons.values());
  let left: readonly PartialEnd[] = byTime.filter((partial) => !completing.has(partial));
  const open = openEnds();
  for (const [first, ...others] of alike(left, open)) {
    const rows = [first, ...others];
    if (rows.length < open.count(...meantBy(first))) continue;
    for (const [at, end] of open.within(...meantBy(first)).entries()) {
      const row = rows[at];
      if (row && !reasons.has(end)) reasons.set(end, row);
    }
  }
  const used = new Set(reasons.values());
  left = left.filter((partial) => !used.has(partial));
  const completed = new Map([...reasons].map(([end, partial]) => [end, complete(end, partial)]));
  return { ends: ends.map((end) => completed.get(end) ?? end), left, unsure: openEnds().ofAny(left.map(meantBy)) };
}

/** Rows of one reason that may refer to the same ends. */
function alike(left: readonly PartialEnd[], open: Index<PrivilegeEnd>): Iterable<[PartialEnd, ...PartialEnd[]]> {
  const groups = new Map<string, [PartialEnd, ...PartialEnd[]]>();
  for (const row of left) {
    const key = [row.reason, ...keysOfRow(row), open.count(...meantBy(row)), open.first(...meantBy(row))].join();
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups.values();
}

/** Completes each end to which only one row can refer. Other rows then have fewer possible ends, perhaps only one. */
function completeSingles(
  byTime: readonly PartialEnd[],
  open: Index<PrivilegeEnd>,
  reasons: Map<PrivilegeEnd, PartialEnd>,
): void {
  const counts = new Map(byTime.map((row) => [row, open.count(...meantBy(row))]));
  const rows = new Index(byTime, keysOfRow);
  const waiting = byTime.filter((partial) => counts.get(partial) === 1);
  for (const partial of waiting) {
    const only = open.within(...meantBy(partial)).find((end) => !reasons.has(end));
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

type Period = readonly [keys: readonly string[], from: number, to: number];

/** Items by several keys, each list by time. What lies in a period is counted without looking at each: in a mass expiry thousands lie near one row. */
class Index<T extends { readonly at: number }> {
  readonly #lists = new Map<string, T[]>();

  constructor(byTime: readonly T[], keysOf: (item: T) => readonly string[]) {
    for (const item of byTime) {
      for (const key of keysOf(item)) {
        const list = this.#lists.get(key);
        if (list) list.push(item);
        else this.#lists.set(key, [item]);
      }
    }
  }

  #ranges(...[keys, from, to]: Period) {
    return keys.map((key) => {
      const list = this.#lists.get(key) ?? [];
      const indexOf = (time: number) => firstFrom(list, time, ({ at }) => at);
      return { key, list, start: indexOf(from), end: indexOf(to + 1) };
    });
  }

  /** How many `within` returns. */
  count(...period: Period): number {
    return this.#ranges(...period).reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** The time of the first item; infinity when there is none. */
  first(...period: Period): number {
    const firsts = this.#ranges(...period).flatMap(({ list, start, end }) =>
      start < end ? (list[start]?.at ?? []) : [],
    );
    return Math.min(...firsts);
  }

  /** The items under any of these keys from one time to another, by time. */
  within(...[keys, from, to]: Period): readonly T[] {
    const found = this.#ranges(keys, from, to).flatMap(({ list, start, end }) => list.slice(start, end));
    return keys.length === 1 ? found : found.toSorted((a, b) => a.at - b.at);
  }

  /** The items of all these periods, which are by time and for each key of one length: so each item is looked at once. */
  ofAny(periods: Iterable<Period>): ReadonlySet<T> {
    const found = new Set<T>();
    const done = new Map<string, number>();
    for (const period of periods) {
      for (const { key, list, start, end } of this.#ranges(...period)) {
        const before = done.get(key) ?? 0;
        for (const item of list.slice(Math.max(start, before), end)) found.add(item);
        done.set(key, Math.max(end, before));
      }
    }
    return found;
  }
}

/** Where and when the ends are to which the row may refer. */
const meantBy = (row: PartialEnd): Period => [keysOfRow(row), ...window(row)];

/** Most pairs of holder and privilege in one row: a row of PIM has at most nine targets, and a hostile one must not cost more. */
const MOST_PAIRS = 100;
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
  const pairs = principalIds.length * privilegeIds.length;
  if ((plane === null && pairs === 0) || pairs > MOST_PAIRS) return [];
  const kinds = plane === null ? ["roleEnd", "groupEnd"] : [`${plane}End`];
  return allOf(kinds, orAny(principalIds), orAny(privilegeIds));
}

const orAny = (ids: readonly string[]): readonly string[] => (ids.length === 0 ? [ANY] : [...new Set(ids)]);
