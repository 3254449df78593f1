import { type Elevation, elevationActivities } from "../base/audit-activities.ts";
import type { GraphTime, StorageTime } from "../base/clock.ts";
import { loadElevations, saveElevations } from "../enforcement/elevated-access.ts";
import { failureOf, isGraphError } from "../graph/errors.ts";
import { loadPrincipal } from "../model/load-and-commit.ts";
import type { PrincipalState } from "../model/principal.ts";
import { fanOutAgain } from "../reconcile/fan-out.ts";
import { changePrincipal } from "../reconcile/finish-pass.ts";
import { type Gone, type GoneRows, loadHeads, saveHeads } from "../reconcile/known-heads.ts";
import { StorageConflictError } from "../storage/table.ts";
import { type CatchUpDependencies, retention } from "./catch-up.ts";
import { elevationOf } from "./classify.ts";
import { parseAuditRows } from "./parse.ts";
import { loadCatchUp } from "./shared-state.ts";
import { createAuditMemory, noteElevations, takeIn } from "./take-in.ts";

/** Principals per run: Graph's quota for reports is small, and the catch-up needs most of it. */
const mostAtOnce = 3;
/** Milliseconds between two readings about one principal. They repeat, since an attacker may still be deleting rows. */
const every = 60_000;
/** Milliseconds after the rows were last found missing when readings stop. Ends that are no loss leave no record, so each reading finds them new. */
const over = 3_600_000;

/** The principals whose audit rows are read now, those who have waited longest first. Pure. */
export const dueAgain = (gone: GoneRows, now: StorageTime): readonly string[] =>
  [...gone]
    .filter(([, { judgedAt }]) => judgedAt === null || now - judgedAt >= every)
    .toSorted(([, a], [, b]) => (a.judgedAt ?? 0) - (b.judgedAt ?? 0))
    .slice(0, mostAtOnce)
    .map(([id]) => id);

/** Whether a pass has succeeded since (the kind is known), and no audit end waits for a pass. */
const isQuiet = ({ head }: PrincipalState): boolean => head.kind !== "unknown" && head.auditEnds === undefined;

/** Whether a principal needs no further reading: a second or later one found nothing new, or an hour has passed. Pure. */
export const isJudged = ({ since, judgedAt }: Gone, foundNothing: boolean, now: StorageTime): boolean =>
  judgedAt !== null && (foundNothing || now - since >= over);

/**
 * For principals whose rows vanished, takes in again the audit ends of the last hours that are not stale: notes about them were deleted with the rows.
 * Repeats this each minute until a reading finds nothing new, so an attacker who deletes rows again gains nothing.
 * @throws the errors of storage
 */
export async function judgeAgain(dependencies: CatchUpDependencies): Promise<void> {
  const { state, policy, memory, telemetry } = dependencies;
  if (policy.mode === "off") return;
  const loaded = await loadHeads(state);
  if (loaded.gone.size === 0) return;
  const { record } = await loadCatchUp(state);
  const from = memory.earliest(record.from);
  if (from === null || (record.notBefore ?? 0) > loaded.storageTime) return;
  const next = new Map(loaded.gone);
  for (const principalId of dueAgain(loaded.gone, loaded.storageTime)) {
    const gone = loaded.gone.get(principalId);
    if (gone === undefined) continue;
    try {
      const foundNothing = await judgeOne(principalId, from, dependencies);
      if (isJudged(gone, foundNothing, loaded.storageTime)) next.delete(principalId);
      else next.set(principalId, { ...gone, judgedAt: loaded.storageTime });
    } catch (error) {
      if (!isGraphError(error)) throw error;
      telemetry.event("auditsUnread", failureOf(error));
      break;
    }
  }
  try {
    await saveHeads(state, loaded, { known: loaded.known ?? [], gone: next });
  } catch (error) {
    // The resync has changed the row meanwhile, so the principal is judged again in the next run.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

function withoutMark(state: PrincipalState): PrincipalState {
  const { incomplete, ...head } = state.head;
  return incomplete === undefined ? state : { ...state, head };
}

/** Resolves to true when the reading found nothing new. */
async function judgeOne(principalId: string, from: GraphTime, dependencies: CatchUpDependencies): Promise<boolean> {
  const { principals, graphClock, readAudits, memory, policy } = dependencies;
  const before = await loadPrincipal(principals, principalId);
  // The list of those who are gone has the principal by now, so a crash before the end is of no consequence.
  await changePrincipal(principalId, ({ state }) => withoutMark(state), dependencies);
  const since = graphClock.now(before.storageTime) - Math.min(policy.staleAfter, retention);
  const { value, date } = await readAudits({ since: Math.max(since, from), targetId: principalId });
  const { records } = parseAuditRows(value);
  const { ends, ruled } = createAuditMemory(memory.rules, Number.POSITIVE_INFINITY).news(records).news;
  // Rows about a left group are noted at the group. What groups fanned out follows from their own rows, below.
  const own = ends.filter((end) => (end.kind === "roleEnd" ? end.principalId : end.groupId) === principalId);
  const acts = ruled.filter(({ userId }) => userId === principalId);
  const leftGroups = new Set(own.flatMap((end) => (end.kind === "groupEnd" ? [end.groupId] : [])));
  const again = { ends: own, hints: new Set<string>(), leftGroups, ruled: acts, elevations: [], isAgain: true };
  await takeIn(again, from, date, dependencies);
  await fanOutAgain(principalId, since, dependencies);
  const after = await loadPrincipal(principals, principalId);
  return isQuiet(before.state) && isQuiet(after.state);
}

/** Milliseconds until the next try after a failure: the catch-up needs Graph's quota for reports. */
const retryEvery = 5 * 60_000;

/**
 * Reads the whole audit log once for users who elevated their access; the catch-up reads later rows. Repeats this when the stored row is gone.
 * @throws the errors of storage
 */
export async function learnElevations(dependencies: CatchUpDependencies): Promise<void> {
  const { state, policy, readAudits, graphClock, telemetry } = dependencies;
  if (policy.mode === "off") return;
  const { isComplete, notBefore, storageTime } = await loadElevations(state);
  if (isComplete || (notBefore ?? 0) > storageTime) return;
  // The catch-up goes first, since ends count from its first reading on.
  if ((await loadCatchUp(state)).record.from === null) return;
  const since = graphClock.now(storageTime) - retention;
  try {
    const found: Elevation[] = [];
    for (const activity of Object.values(elevationActivities)) {
      const { value } = await readAudits({ since, activity });
      found.push(...parseAuditRows(value).records.flatMap(elevationOf));
    }
    await noteElevations(found, dependencies);
    await saveElevations(state, [], { isComplete: true, notBefore: null });
  } catch (error) {
    if (!isGraphError(error)) throw error;
    telemetry.event("auditsUnread", failureOf(error));
    await saveElevations(state, [], { notBefore: storageTime + retryEvery });
  }
}
