import { type CallResult, recordResult, waitAfter } from "../enforcement/settle.ts";
import { GraphPermanentError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import { commitPrincipal } from "../model/commit.ts";
import { type LoadedPrincipal, loadPrincipal } from "../model/load.ts";
import { StorageConflictError, StorageUnavailableError } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";

/** Tries to record the result when another instance commits first, or storage fails. */
const recordTries = 5;

/**
 * Makes the revoke call once for the attempt just committed (`leaseFrom`: our monotonic time before that commit) and records the result. When the lease
 * is nearly over, or recording fails, the attempt stays open and is read back. `isRestricted`: the user is in a restricted management unit.
 */
export async function carryOut(
  committed: LoadedPrincipal,
  leaseFrom: number,
  isRestricted: boolean,
  dependencies: CoreDependencies,
): Promise<void> {
  const { clock, timings, telemetry } = dependencies;
  const { principalId, attempt } = committed.state;
  if (attempt === null) return;
  if (clock.monotonic() - leaseFrom > timings.leaseFor - timings.leaseMargin) {
    telemetry.event("leaseOver", { principalId, attemptId: attempt.id });
    return;
  }
  const result = explain(await call(principalId, dependencies), isRestricted);
  report(principalId, attempt.id, result, dependencies);
  await record(committed, attempt.id, result, dependencies);
}

async function call(principalId: string, { graph, graphClock }: CoreDependencies): Promise<CallResult> {
  try {
    const answer = await graph.revokeSignInSessions(principalId);
    graphClock.observe(answer);
    return { accepted: true, date: answer.date };
  } catch (error) {
    if (isGraphError(error)) return { accepted: false, error, date: graphClock.now() };
    throw error;
  }
}

/** For a user in a restricted management unit no Graph permission helps against a 403 (Entra docs: admin-units-restricted-management). */
function explain(result: CallResult, isRestricted: boolean): CallResult {
  if (result.accepted || !isRestricted || result.error.status !== 403) return result;
  const { status, requestId } = result.error;
  const message =
    "Graph refuses to revoke: this user is in a restricted management administrative unit, where application permissions do not count. Assign the app's identity a role that may revoke sessions, such as Privileged Authentication Administrator, at the scope of that unit.";
  const error = new GraphPermanentError(message, { code: "managementRestricted", status, requestId });
  return { ...result, error };
}

function report(principalId: string, attemptId: string, result: CallResult, { telemetry }: CoreDependencies): void {
  if (result.accepted) {
    telemetry.event("revokeAccepted", { principalId, attemptId, date: new Date(result.date).toISOString() });
    return;
  }
  const { code, status = null, requestId = null, message } = result.error;
  const properties = { principalId, attemptId, code, status, requestId, message };
  if (status === 403 || status === 401) telemetry.alarm("revokeRefused", properties);
  else telemetry.event("revokeFailed", properties);
}

async function record(
  committed: LoadedPrincipal,
  attemptId: string,
  result: CallResult,
  { principals, control, clock, timings, telemetry }: CoreDependencies,
): Promise<void> {
  let loaded = committed;
  for (let tries = 0; tries < recordTries; tries += 1) {
    try {
      if (tries > 0) loaded = await loadPrincipal(principals, committed.state.principalId);
      // Another instance has closed this attempt after a read-back, or has the lease now.
      if (loaded.state.attempt?.id !== attemptId) return;
      await commitPrincipal(principals, loaded, recordResult(loaded.state, result, timings));
      if (!result.accepted && result.error instanceof GraphRetryableError && result.error.reason === "throttled") {
        await control.throttle(loaded.storageTime + waitAfter(result.error, timings));
      }
      return;
    } catch (error) {
      if (!(error instanceof StorageConflictError || error instanceof StorageUnavailableError)) throw error;
      if (error instanceof StorageUnavailableError) await clock.sleep(timings.passEvery * 2 ** tries);
    }
  }
  telemetry.event("resultUnrecorded", { principalId: committed.state.principalId, attemptId });
}
