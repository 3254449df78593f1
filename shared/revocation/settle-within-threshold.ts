import type { Circumstances } from "../enforcement/decide.ts";
import { type Settlement, settle } from "../enforcement/settle.ts";
import type { Threshold } from "../enforcement/threshold.ts";
import { isCleared, markThreshold } from "./threshold-mark.ts";

/**
 * Settles, and asks the revocation threshold before a revoke: what it clears is revoked, what it does not is held.
 * In report-only the same is asked, and recorded instead. After the audit log was asked nothing is revoked at once: that may have taken seconds, so the principal is read again first.
 * @throws the errors of storage.
 */
export async function settleWithinThreshold(
  circumstances: Circumstances,
  attemptId: string,
  threshold: Threshold,
): Promise<Settlement> {
  const { state, date } = circumstances;
  const settlement = settle(circumstances, attemptId);
  const { due, held } = settlement;
  if (due.length + held.length === 0 || due.some(isCleared)) return settlement;

  // As settled: what is held another way counts no more.
  const obligations = [...settlement.state.obligations.values()];
  const { cleared, consulted } = await threshold.judge({
    principalId: state.principalId,
    obligations,
    due,
    held,
    date,
  });
  const holdDue = markThreshold(state, new Map(due.map(({ key }) => [key, "held"])));
  if (circumstances.policy.mode === "reportOnly") {
    // Nothing is called, so nothing needs to be read again: what enforce would do next is recorded at once.
    const admits = due.some(({ key }) => cleared.has(key));
    return settle({ ...circumstances, state: markThreshold(admits ? state : holdDue, cleared) }, attemptId);
  }
  if (!consulted) return settle({ ...circumstances, state: markThreshold(state, cleared) }, attemptId);
  const paused = settle({ ...circumstances, state: holdDue }, attemptId);
  return { ...paused, state: markThreshold(paused.state, cleared) };
}
