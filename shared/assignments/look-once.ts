import { nextLook } from "../detection/next-look.ts";
import { lookAtGroup } from "../groups/look-at-group.ts";
import { noteSessions } from "../groups/note-sessions.ts";
import { closeRenewed } from "../groups/renewed-access.ts";
import { carryOut } from "../revocation/carry-out.ts";
import { type Circumstances, exemptibleUntil } from "../revocation/decide.ts";
import { concernsElevation, elevatedSince, markElevated } from "../revocation/elevated-access.ts";
import type { Obligation } from "../revocation/obligation.ts";
import { readPolicy } from "../revocation/read-policy.ts";
import { isLate } from "../revocation/scope.ts";
import type { Settlement } from "../revocation/settle.ts";
import { settleWithinThreshold } from "../revocation/settle-within-threshold.ts";
import { StorageRowError } from "../storage/storage-errors.ts";
import type { NextLook } from "./attend.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import { finishPass, type Pass } from "./finish-pass.ts";
import { loadPrincipal } from "./load-principal.ts";
import { nextSignal, type Signal } from "./messages.ts";
import type { PrincipalState } from "./principal-state.ts";
import { type LiveObservation, readLive } from "./read-live.ts";

const again: NextLook = { ms: 0, failed: false };

/**
 * One pass: load, *then* read Graph, observe, decide, commit in one transaction, and make the revoke call that the commit took the lease for.
 * Returns the wait until the next look of this invocation; null when a message or nothing follows.
 * @throws the errors of Graph and storage; StorageConflictError means that nothing was committed.
 */
export async function lookOnce(
  signal: Signal,
  timeLeft: number,
  dependencies: CoreDependencies,
): Promise<NextLook | null> {
  const { graph, groups, graphClock, principals, clock, timings } = dependencies;
  const loaded = await loadPrincipal(principals, signal.principalId);
  const pass: Pass = { signal, timeLeft, loaded, loadedAt: clock.monotonic() };
  const live = await readLive(graph, graphClock, loaded.state, signal.because, timings, groups?.graph);
  if (live.state.head.kind === "group") return lookAtGroup(pass, live, dependencies);

  const { date, at } = live.reading.principal;
  const isRestricted = live.reading.principal.value.user?.restricted ?? false;
  const { state, revoke } = await settleNow(pass, live, dependencies);
  const finished = await finishPass(
    pass,
    {
      next: state,
      date,
      at,
      wakeAt: revoke ? date + timings.safetyNet : nextLook(state, date, closeTimings(dependencies)),
      wakeSignal: nextSignal(signal),
      work: revoke,
      overdue: live.overdue,
    },
    dependencies,
  );
  if (revoke && finished !== null) await carryOut(finished.committed, finished.leaseFrom, isRestricted, dependencies);
  if (revoke) return timeLeft > 0 ? again : null;
  return finished?.wait ?? null;
}

/** Whom the policy means, the stop and the tenant's throttling are read last, immediately before the commit that leads to the call. */
async function settleNow(
  { loaded, loadedAt }: Pass,
  live: LiveObservation,
  dependencies: CoreDependencies,
): Promise<Pick<Settlement, "state" | "revoke">> {
  const { control, threshold, clock, newId, policy, timings } = dependencies;
  const { date, value } = live.reading.principal;
  const state = closeRenewed(noteSessions(live.state, value.user), live.access, date, timings);
  if (!isOpen(state)) return { state, revoke: false };
  const policyNow = await readPolicy(dependencies);
  const { stopped, throttledUntil, resumption } = await control.read();
  const circumstances: Circumstances = {
    state,
    user: value.user,
    date,
    storageTime: loaded.storageTime + clock.monotonic() - loadedAt,
    throttledUntil,
    stopped: stopped || policy.stopped,
    resumption,
    policy: policyNow,
    timings,
  };
  const settlement = await settleWithinThreshold(circumstances, newId(), threshold);
  reportLate(settlement, circumstances, dependencies);
  // A call does not wait for it: the pass that closes the end comes after the call.
  return settlement.revoke
    ? settlement
    : { ...settlement, state: await noteElevated(state, settlement.state, dependencies) };
}

/** What outlives every revoke is told with the outcome. */
async function noteElevated(
  before: PrincipalState,
  settled: PrincipalState,
  dependencies: CoreDependencies,
): Promise<PrincipalState> {
  if (!concernsElevation(before)) return settled;
  try {
    const since = await elevatedSince(dependencies.state, settled.principalId);
    return since === null ? settled : markElevated(settled, since, before);
  } catch (error) {
    // The outcome does not wait for the version that can read it.
    if (!(error instanceof StorageRowError)) throw error;
    dependencies.telemetry.alarm("rowUnreadable", { partition: "elevated", row: error.row, code: error.code });
    return settled;
  }
}

/** Whoever exempted themselves after the privilege was first seen, and is cut all the same. */
function reportLate({ revoke, due }: Settlement, circumstances: Circumstances, { telemetry }: CoreDependencies): void {
  const { principalId } = circumstances.state;
  const isIgnored = (obligation: Obligation) =>
    isLate(principalId, circumstances.policy.scope, exemptibleUntil(obligation, circumstances));
  if (!revoke) return;
  for (const obligation of due.filter(isIgnored))
    telemetry.alarm("exemptionIgnored", { principalId, key: obligation.key });
}

const isOpen = ({ obligations }: PrincipalState): boolean =>
  [...obligations.values()].some(({ progress }) => progress.state !== "closed");

/** Where many wait at once, each looks less often. */
const closeTimings = ({ timings, waiting }: CoreDependencies) =>
  waiting.size <= timings.closeAtMost ? timings : { ...timings, lookVeryClosely: 0 };
