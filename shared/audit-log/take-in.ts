import type { Elevation } from "../base/audit-activities.ts";
import { rowKey } from "../base/keys.ts";
import { sideBySide } from "../base/side-by-side.ts";
import { noteAuditEnds } from "../detection/audit-match.ts";
import { loadElevations, markElevated, saveElevations } from "../enforcement/elevated-access.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { LoadedPrincipal } from "../model/load-and-commit.ts";
import type { AuditEnd } from "../model/principal.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { changePrincipal } from "../reconcile/finish-pass.ts";
import { watchedAmong } from "../reconcile/heads.ts";
import { toMessage } from "../reconcile/messages.ts";
import { StorageRowError } from "../storage/table.ts";
import { classifyAudit, elevationOf, type GroupEnd, type PrivilegeEnd, type RoleEnd } from "./classify.ts";
import type { AuditRecord } from "./record.ts";
import { reduceEnds } from "./reduce-ends.ts";

/** Milliseconds by which PIM's row may follow Core Directory's, seven seconds at most so far: as in `reduce-ends.ts`. */
const pimLate = 120_000;

interface Item {
  readonly auditEnds: AuditEnd[];
  /** Whether a pass is due even if every reported end is known. */
  hints: boolean;
}

/**
 * Takes in the app's own reading of Graph's audit log: each end and each ruled act is stored in its principal's partition before the pass that
 * judges it is enqueued. Ends before `from` are only hints: the first run revokes nothing. `date` is Graph's time.
 * @throws the errors of storage: the caller may then take in the same rows again.
 */
export async function takeIn(
  news: AuditNews,
  from: number,
  date: number,
  dependencies: CoreDependencies,
): Promise<void> {
  // A group whose rows vanished was known: whether it is watched can be read no more.
  const watched = news.isAgain ? news.leftGroups : await watchedAmong(news.leftGroups, dependencies.principals);
  const items = [...plan(news, watched, from, date)];
  await sideBySide(items, ([principalId, item]) => deliver(principalId, item, dependencies));
}

function plan(
  { ends, hints, ruled, isAgain = false }: AuditNews,
  watched: ReadonlySet<string>,
  from: number,
  date: number,
): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  const item = (principalId: string): Item => {
    const known = items.get(principalId) ?? { auditEnds: [], hints: false };
    items.set(principalId, known);
    return known;
  };
  for (const principalId of [...hints, ...watched]) item(principalId).hints = true;
  for (const end of ends) {
    // PIM's row alone may report an end before `from`. Core Directory writes a row for every end, with its exact time.
    const isNew = end.at - (end.reportedBy === "pim" ? pimLate : 0) >= from;
    const principal = item(end.principalId);
    if (end.kind === "roleEnd") {
      if (isNew) principal.auditEnds.push({ ...roleEnd(end, date), ...(isAgain ? { again: true } : {}) });
      else principal.hints = true;
      continue;
    }
    principal.hints = true;
    // PIM's row does not always say whether a membership or an ownership ended: then it only gives a pass. Core Directory writes a row for every removal,
    // which says it (inferred from captures).
    const { accessId } = end;
    if (isNew && accessId !== null && watched.has(end.groupId)) {
      item(end.groupId).auditEnds.push(accessEnd({ ...end, accessId }, date));
    }
  }
  for (const act of ruled) if (act.at >= from) item(act.userId).auditEnds.push(auditEndOfRule(act, date));
  return items;
}

const wholeSecond = (time: number): number => Math.floor(time / 1000) * 1000;

function roleEnd(end: RoleEnd, foundAt: number): AuditEnd {
  const { roleDefinitionId, reason } = end;
  const at = wholeSecond(end.at);
  const key = rowKey("audit", roleDefinitionId, new Date(at).toISOString());
  return { kind: "role", key, at, foundAt, roleDefinitionId, end: reason };
}

function accessEnd(end: GroupEnd & { readonly accessId: "member" | "owner" }, foundAt: number): AuditEnd {
  const { principalId, accessId: access } = end;
  const at = wholeSecond(end.at);
  const key = rowKey("audit", access, principalId, new Date(at).toISOString());
  return { kind: "access", key, at, foundAt, principalId, access };
}

function auditEndOfRule({ activity, at: exactly }: RuledAct, foundAt: number): AuditEnd {
  const at = wholeSecond(exactly);
  return { kind: "activity", key: rowKey("rule", activity, new Date(at).toISOString()), at, foundAt, activity };
}

async function deliver(principalId: string, { auditEnds, hints }: Item, dependencies: CoreDependencies): Promise<void> {
  const { signals, telemetry } = dependencies;
  try {
    const waits = auditEnds.length > 0 && (await note(principalId, auditEnds, dependencies));
    // Most ends, at times a thousand, are found before their rows come, and need no second pass.
    if (!waits && !hints) return;
    await signals.send(toMessage({ principalId, because: "audit", tries: 0 }), 0);
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { principalId, row: error.row, code: error.code });
  }
}

/** Resolves to true when an end or act waits for a pass. */
async function note(
  principalId: string,
  auditEnds: readonly AuditEnd[],
  dependencies: CoreDependencies,
): Promise<boolean> {
  const add = ({ state, storageTime }: LoadedPrincipal) => {
    // A group whose rows vanished is no known group before its next pass.
    const judged = state.head.kind === "group" ? auditEnds : auditEnds.filter(({ kind }) => kind !== "access");
    return noteAuditEnds(state, judged, storageTime, dependencies.timings.lag);
  };
  const { head } = await changePrincipal(principalId, add, dependencies);
  return head.auditEnds !== undefined;
}

/** What new rows report that no earlier row reported. */
interface AuditNews {
  /** One entry for each end, whether Core Directory, PIM or both report it. */
  readonly ends: readonly PrivilegeEnd[];
  /** Principals that only get a pass: those who activated a privilege, and those who may have lost one that the row does not name exactly. */
  readonly hints: ReadonlySet<string>;
  /** Groups that a user or another object has left. Those that the app watches get a pass. */
  readonly leftGroups: ReadonlySet<string>;
  readonly ruled: readonly RuledAct[];
  readonly elevations: readonly Elevation[];
  /** The rows are taken in again, for principals whose stored rows vanished. */
  readonly isAgain?: boolean;
}

/** An activity that `AUDIT_RULES` names, done to a user. */
interface RuledAct {
  readonly userId: string;
  readonly activity: string;
  /** Epoch milliseconds of `activityDateTime`. */
  readonly at: number;
}

/**
 * The audit rows that one process has taken in. Rows are read several times, since they come late and out of order, and the stream may repeat
 * itself. The memory only saves work: taking in a row twice changes nothing.
 */
export interface AuditMemory {
  /** The activities of `AUDIT_RULES`. */
  readonly rules: ReadonlySet<string>;
  knows(rowId: unknown): boolean;
  /** The earliest time from which on ends count (`CatchUpRecord.from`) that this process has read; null before the first reading. */
  earliest(from: number | null): number | null;
  /** What is new in these rows. Call `remember` once that is taken in, with the ids of rows that could not be read. */
  news(records: readonly AuditRecord[]): { readonly news: AuditNews; remember(broken?: readonly string[]): void };
}

/** `rules`: the activities of `AUDIT_RULES`. `keepFor`: milliseconds before the newest row for which rows are remembered. */
export function createAuditMemory(rules: ReadonlySet<string>, keepFor: number): AuditMemory {
  let known: { readonly times: ReadonlyMap<string, number>; readonly ends: readonly PrivilegeEnd[] } = {
    times: new Map(),
    ends: [],
  };
  let first: number | null = null;
  return {
    rules,
    earliest(from) {
      if (from !== null) first = Math.min(first ?? from, from);
      return first;
    },
    knows: (rowId) => typeof rowId === "string" && known.times.has(rowId),
    news(records) {
      const fresh = records.filter(({ id }) => !known.times.has(id));
      const verdicts = fresh.map((record) => ({ record, verdict: classifyAudit(record) }));
      const auditEnds = verdicts.flatMap(({ verdict }) =>
        verdict.kind === "roleEnd" || verdict.kind === "groupEnd" ? [verdict] : [],
      );
      const ends = reduceEnds([...known.ends, ...auditEnds]);
      const newEnds = ends.filter(({ rowIds }) => !rowIds.some((id) => known.times.has(id)));
      const hints = new Set(verdicts.flatMap(({ verdict }) => hintsOf(verdict)));
      const elevations = fresh.flatMap(elevationOf);
      const ruled = verdicts.flatMap(({ record, verdict }) => ruledBy(rules, record, verdict));
      return {
        news: {
          ends: newEnds,
          hints,
          leftGroups: new Set([
            ...newEnds.flatMap((end) => (end.kind === "groupEnd" ? [end.groupId] : [])),
            ...verdicts.flatMap(({ verdict }) => (verdict.kind === "unclearEnd" ? verdict.groupIds : [])),
          ]),
          ruled,
          elevations,
        },
        remember(broken = []) {
          const read = [...known.times, ...fresh.map(({ id, occurredAt }) => [id, instantMs(occurredAt)] as const)];
          const newest = read.reduce((latest, [, time]) => Math.max(latest, time), 0);
          const times = [...read, ...broken.map((id) => [id, newest] as const)];
          known = {
            times: new Map(times.filter(([, time]) => time >= newest - keepFor)),
            ends: ends.filter(({ at }) => at >= newest - keepFor),
          };
        },
      };
    },
  };
}

type Verdict = ReturnType<typeof classifyAudit>;

function hintsOf(verdict: Verdict): readonly string[] {
  if (verdict.kind === "unclearEnd") return verdict.candidateIds;
  return verdict.kind === "activation" && verdict.stage === "completed" ? verdict.principalIds : [];
}

/** Only when the row names exactly one user: a user must not be signed out for appearing in another user's row. */
function ruledBy(
  rules: ReadonlySet<string>,
  { occurredAt, activity }: AuditRecord,
  verdict: Verdict,
): readonly RuledAct[] {
  if (verdict.kind !== "userLifecycle" && verdict.kind !== "securityEvent") return [];
  const [userId, ...more] = verdict.userIds;
  if (!rules.has(activity) || userId === undefined || more.length > 0) return [];
  return [{ userId, activity, at: instantMs(occurredAt) }];
}

/**
 * Stores the elevations that the catch-up has read. Rows come minutes late: a user who turns out to be elevated may have lost Global Administrator
 * meanwhile, and that end is then reported again. @throws the errors of storage
 */
export async function noteElevations(
  news: readonly Elevation[],
  dependencies: Pick<CoreDependencies, "principals" | "state" | "telemetry">,
): Promise<void> {
  if (news.length === 0) return;
  const { state, telemetry } = dependencies;
  await saveElevations(state, news);
  const { elevations } = await loadElevations(state);
  for (const userId of new Set(news.map((one) => one.userId))) {
    const one = elevations.get(userId);
    if (one?.elevated !== true) continue;
    try {
      await changePrincipal(userId, (loaded) => markElevated(loaded.state, one.at), dependencies);
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      telemetry.alarm("rowUnreadable", { principalId: userId, row: error.row, code: error.code });
    }
  }
}
