import { nextPass } from "../detection/next-pass.ts";
import { closeRenewed } from "../detection/renewed-access.ts";
import type { ResolvedPolicy } from "../enforcement/policy.ts";
import { usersOnly } from "../enforcement/scope.ts";
import { type Settlement, settleWithinThreshold } from "../enforcement/settle.ts";
import { loadPrincipal } from "../model/load.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { CoreDependencies, NextPass } from "./dependencies.ts";
import { finishPass, type Pass } from "./finish-pass.ts";
import { runGroupPass } from "./group-pass.ts";
import { nextSignal, type Signal } from "./messages.ts";
import { type LiveObservation, noteSessions, readLive } from "./read-live.ts";
import { carryOut } from "./revoke-call.ts";

const again: NextPass = { ms: 0, failed: false };

/**
 * One pass: load, *then* read Graph, observe, decide, commit in one transaction, and make the revoke call that the commit took the lease for.
 * Returns the wait until the next pass of this invocation; null when a message or nothing follows.
 * @throws the errors of Graph and storage; StorageConflictError means that nothing was committed.
 */
export async function runPass(
  signal: Signal,
  timeLeft: number,
  dependencies: CoreDependencies,
): Promise<NextPass | null> {
  const { graph, groups, graphClock, principals, clock, timings } = dependencies;
  const loaded = await loadPrincipal(principals, signal.principalId);
  const pass: Pass = { signal, timeLeft, loaded, loadedAt: clock.monotonic() };
  const live = await readLive(graph, graphClock, loaded.state, signal.because, timings, groups?.graph);
  if (live.state.head.kind === "group") return runGroupPass(pass, live, dependencies);

  const { date, at } = live.reading.principal;
  const { state, revoke } = await settleNow(pass, live, dependencies);
  const finished = await finishPass(
    pass,
    {
      next: state,
      date,
      at,
      wakeAt: revoke ? date + timings.safetyNet : nextPass(state, date, closeTimings(dependencies)),
      wakeSignal: nextSignal(signal),
      work: revoke,
      overdue: live.overdue,
    },
    dependencies,
  );
  if (revoke && finished !== null) await carryOut(finished.committed, finished.leaseFrom, dependencies);
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
  return settleWithinThreshold(
    {
      state,
      user: value.user,
      date,
      storageTime: loaded.storageTime + clock.monotonic() - loadedAt,
      throttledUntil,
      stopped: stopped || policy.stopped,
      resumption,
      policy: policyNow,
      timings,
    },
    newId(),
    threshold,
  );
}

const isOpen = ({ revocations }: PrincipalState): boolean =>
  [...revocations.values()].some(({ progress }) => progress.state !== "closed");

/** Where many wait at once, each makes fewer passes. */
const closeTimings = ({ timings, waiting }: CoreDependencies) =>
  waiting.size <= timings.closeAtMost ? timings : { ...timings, passVeryClosely: 0 };

/**
 * The policy with what only Graph knows: which roles and whom the settings mean. Membership is read anew, since it decides whom the revoke
 * that may follow at once must spare.
 * @throws the errors of storage.
 */
export async function readPolicy({
  policy: { included, excluded, ...rules },
  enforcedRoles,
  scope,
}: Pick<CoreDependencies, "policy" | "enforcedRoles" | "scope">): Promise<ResolvedPolicy> {
  return {
    ...rules,
    enforcedRoles: enforcedRoles === undefined ? "all" : await enforcedRoles(),
    scope: scope === undefined ? usersOnly({ included, excluded }) : await scope(),
  };
}
