import type { GraphTime, StorageTime } from "../base/clock.ts";
import { isGraphError } from "../graph/errors.ts";
import { loadPrincipal } from "../model/load.ts";
import type { PrincipalState } from "../model/principal.ts";
import { type Gone, type GoneRows, loadHeads, saveHeads } from "../reconcile/known-heads.ts";
import { StorageConflictError } from "../storage/table.ts";
import { type CatchUpDependencies, retention } from "./catch-up.ts";
import { parseAuditRows } from "./parse.ts";
import { loadCatchUp } from "./shared-state.ts";
import { createAuditMemory, takeIn } from "./take-in.ts";

/** Principals of one run: the quota of reports is small, and the catch-up needs most of it. */
const mostAtOnce = 3;
/** Milliseconds between two readings about one principal: somebody may still be deleting. */
const every = 60_000;
/** Milliseconds after the rows were last found missing. Ends that are no loss leave no record, so there is always something new about them. */
const over = 3_600_000;

/** Who is asked about now, those who have waited longest first. Pure. */
export const dueAgain = (gone: GoneRows, now: StorageTime): readonly string[] =>
  [...gone]
    .filter(([, { judgedAt }]) => judgedAt === null || now - judgedAt >= every)
    .toSorted(([, a], [, b]) => (a.judgedAt ?? 0) - (b.judgedAt ?? 0))
    .slice(0, mostAtOnce)
    .map(([id]) => id);

/** The kind is known, so a look has come through, and no end waits for its look. */
const isQuiet = ({ head }: PrincipalState): boolean => head.kind !== "unknown" && head.auditEnds === undefined;

/** Whether nothing is left to do: a reading found nothing new, not right after the deletion, or it has been long enough. Pure. */
export const isJudged = ({ since, judgedAt }: Gone, foundNothing: boolean, now: StorageTime): boolean =>
  judgedAt !== null && (foundNothing || now - since >= over);

/**
 * Takes in once more what the audit log says of those whose rows vanished: the ends of the last hours, as long as a cut is not stale, since an end that
 * was noted before went with the rows. Goes on each minute until a reading finds nothing new, so whoever deletes again gains nothing.
 * @throws the errors of storage
 */
export async function judgeAgain(dependencies: CatchUpDependencies): Promise<void> {
  const { state, policy, telemetry } = dependencies;
  if (policy.mode === "off") return;
  const loaded = await loadHeads(state);
  const { record } = await loadCatchUp(state);
  if (record.from === null || (record.notBefore ?? 0) > loaded.storageTime) return;
  const next = new Map(loaded.gone);
  for (const principalId of dueAgain(loaded.gone, loaded.storageTime)) {
    const gone = loaded.gone.get(principalId);
    if (gone === undefined) continue;
    try {
      const foundNothing = await judgeOne(principalId, record.from, dependencies);
      if (isJudged(gone, foundNothing, loaded.storageTime)) next.delete(principalId);
      else next.set(principalId, { ...gone, judgedAt: loaded.storageTime });
    } catch (error) {
      if (!isGraphError(error)) throw error;
      const { code, status = null, requestId = null, message } = error;
      telemetry.event("auditsUnread", { code, status, requestId, message });
      break;
    }
  }
  try {
    await saveHeads(state, loaded, { known: loaded.known ?? [], gone: next });
  } catch (error) {
    // The resync has noted something meanwhile: then it is judged once more.
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

/** Resolves to whether there was nothing new. */
async function judgeOne(principalId: string, from: GraphTime, dependencies: CatchUpDependencies): Promise<boolean> {
  const { principals, graphClock, readAudits, memory, policy } = dependencies;
  const before = await loadPrincipal(principals, principalId);
  const since = graphClock.now(before.storageTime) - Math.min(policy.staleAfter, retention);
  const { value, date } = await readAudits({ since: Math.max(since, from), targetId: principalId });
  const { records } = parseAuditRows(value);
  const { ends, ruled } = createAuditMemory(memory.rules, Number.POSITIVE_INFINITY).news(records).news;
  // The rows of a group that somebody left tell the group; what the group passed on before went with the rows, and is not passed on again.
  const own = ends.filter((end) => (end.kind === "roleEnd" ? end.principalId : end.groupId) === principalId);
  const acts = ruled.filter(({ userId }) => userId === principalId);
  await takeIn({ ends: own, hints: new Set(), ruled: acts, elevations: [], isAgain: true }, from, date, dependencies);
  const after = await loadPrincipal(principals, principalId);
  return isQuiet(before.state) && isQuiet(after.state);
}
