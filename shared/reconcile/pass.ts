import { nextPass } from "../detection/next-pass.ts";
import { closeRenewed } from "../detection/still-held.ts";
import { type Circumstances, exemptibleUntil } from "../enforcement/decide.ts";
import { noteElevated } from "../enforcement/elevated-access.ts";
import { isLate, type ResolvedPolicy, usersOnly } from "../enforcement/policy.ts";
import { concernsElevation, noteSessions, type Settlement, settleWithinThreshold } from "../enforcement/settle.ts";
import type { PendingRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { CoreDependencies, LiveObservation, NextPass } from "./dependencies.ts";
import { finishPass, loadForChange, type Pass } from "./finish-pass.ts";
import { runGroupPass } from "./group-pass.ts";
import { nextSignal, type Signal } from "./messages.ts";
import { readLive } from "./read-live.ts";
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
  const { graph, groups, graphClock, clock, timings } = dependencies;
  const loaded = await loadForChange(signal.principalId, dependencies);
  const pass: Pass = { signal, timeLeft, loaded, loadedAt: clock.monotonic() };
  const live = await readLive(graph, graphClock, loaded.state, signal.because, timings, groups?.graph);
  if (live.state.head.kind === "group") return runGroupPass(pass, live, dependencies);

  const { date, at } = live.reading.principal;
  const isRestricted = live.reading.principal.value.user?.restricted ?? false;
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
  if (revoke && finished !== null) await carryOut(finished.committed, finished.leaseFrom, isRestricted, dependencies);
  if (revoke) return timeLeft > 0 ? again : null;
  return finished?.wait ?? null;
}

/** Reads the policy, the emergency stop and the tenant's throttling last, immediately before the commit that leads to the call, and decides. */
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
  // A revoke call does not wait for this read: the pass after the call closes the revocation and marks it then.
  return settlement.revoke || !concernsElevation(state)
    ? settlement
    : { ...settlement, state: await noteElevated(state, settlement.state, dependencies) };
}

/** Raises an alarm for a user who became exempt after the privilege was first seen: the exemption is ignored and the user is revoked. */
function reportLate({ revoke, due }: Settlement, circumstances: Circumstances, { telemetry }: CoreDependencies): void {
  const { principalId } = circumstances.state;
  const isIgnored = (revocation: PendingRevocation) =>
    isLate(principalId, circumstances.policy.scope, exemptibleUntil(revocation, circumstances));
  if (!revoke) return;
  for (const revocation of due.filter(isIgnored))
    telemetry.alarm("exemptionIgnored", { principalId, key: revocation.key });
}

const isOpen = ({ revocations }: PrincipalState): boolean =>
  [...revocations.values()].some(({ progress }) => progress.state !== "closed");

/** When many invocations wait at once, each makes fewer passes. */
const closeTimings = ({ timings, waiting }: CoreDependencies) =>
  waiting.size <= timings.closeAtMost ? timings : { ...timings, passVeryClosely: 0 };

/**
 * Resolves the policy: which roles and which principals the settings mean. Group membership is read anew each time, since it decides who is
 * exempt from the revoke that may follow at once.
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
