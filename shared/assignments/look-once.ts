import { lookAtGroup } from "../groups/look-at-group.ts";
import { noteSessions } from "../groups/note-sessions.ts";
import { supersede } from "../groups/renewed-access.ts";
import { carryOut } from "../revocation/carry-out.ts";
import { readPolicy } from "../revocation/read-policy.ts";
import { settleWithinThreshold } from "../revocation/settle-within-threshold.ts";
import { announceOutcomes } from "../webhook/announce-outcomes.ts";
import type { NextLook } from "./attend.ts";
import { planBackup } from "./backup.ts";
import { commitPrincipal } from "./commit-principal.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import { loadPrincipal } from "./load-principal.ts";
import { nextWake } from "./next-wake.ts";
import type { PrincipalState } from "./principal-state.ts";
import { readLive } from "./read-live.ts";
import { reportCommit } from "./report-commit.ts";
import { nextSignal, type Signal } from "./signal.ts";
import { planWake } from "./wake.ts";

/** What the control rows would say is not asked when nothing depends on it. */
const nothingPending = { stopped: false, throttledUntil: null, resumption: null };

/**
 * One look: load, *then* read Graph, observe, decide, commit in one transaction, and make the revoke call that the commit took the lease for.
 * Returns the wait until the next look of this invocation; null when a message or nothing follows.
 * @throws the errors of Graph and storage; StorageConflictError means that nothing was committed.
 */
export async function lookOnce(
  signal: Signal,
  timeLeft: number,
  dependencies: CoreDependencies,
): Promise<NextLook | null> {
  const { graph, groups, graphClock, principals, control, threshold, signals, clock, newId, policy, timings } =
    dependencies;
  const loaded = await loadPrincipal(principals, signal.principalId);
  const loadedAt = clock.monotonic();
  const live = await readLive(graph, graphClock, loaded.state, signal, timings, groups?.graph);
  if (live.state.head.kind === "group") {
    return lookAtGroup({ signal, timeLeft, loaded, loadedAt, live }, dependencies);
  }
  const { date, at, value } = live.reading.principal;

  // Whom the policy means, the stop and the tenant's throttling are read last, immediately before the commit that leads to the call.
  const noted = noteSessions(live.state, value.user);
  const state = policy.revokeWhenReactivated ? noted : supersede(noted, live.access, date, timings);
  const isOpen = [...state.obligations.values()].some(({ progress }) => progress.state !== "closed");
  const policyNow = isOpen ? await readPolicy(dependencies) : policy;
  const { stopped, throttledUntil, resumption } = isOpen ? await control.read() : nothingPending;
  const storageNow = () => loaded.storageTime + clock.monotonic() - loadedAt;
  const settlement = await settleWithinThreshold(
    {
      state,
      user: value.user,
      date,
      storageTime: storageNow(),
      throttledUntil,
      stopped: stopped || policy.stopped,
      resumption,
      policy: policyNow,
      timings,
    },
    newId(),
    threshold,
  );

  const wakeAt = settlement.revoke ? date + timings.safetyNet : nextWake(settlement.state, date, timings);
  const wait = wakeAt === null ? null : Math.max(0, wakeAt - date - (clock.monotonic() - at));
  const inside = wait !== null && !settlement.revoke && wait <= timings.waitInside && wait < timeLeft;
  const woken = await planWake(signals, settlement.state, {
    wait,
    inside,
    sent: dependencies.sentWake,
    behindCall: settlement.revoke,
    storageNow: storageNow(),
    signal: {
      principalId: signal.principalId,
      because: isAwaitingSecondAbsence(settlement.state) ? signal.because : nextSignal(signal).because,
      tries: 0,
    },
  });
  const planned = await planBackup(woken, { signal, inside, date, at }, dependencies);

  const leaseFrom = clock.monotonic();
  // Counted from before the reading: a frozen process cannot tell when the answer came. The message that was just planned looks after it,
  // should this invocation have no time left.
  if (settlement.revoke && leaseFrom - loadedAt > timings.readingFor)
    return timeLeft > 0 ? { ms: 0, failed: false } : null;
  await announceOutcomes(dependencies.notices, loaded.state, planned);
  const committed = await commitPrincipal(principals, loaded, planned);
  reportCommit(dependencies, loaded.state, committed.state, live.overdue);
  if (settlement.revoke) {
    await carryOut(committed, leaseFrom, dependencies);
    return timeLeft > 0 ? { ms: 0, failed: false } : null;
  }
  return inside ? { ms: wait, failed: false } : null;
}

/** The second absence ends what the signal of the first began: it is that signal by which the end was found. */
const isAwaitingSecondAbsence = ({ watches }: PrincipalState): boolean =>
  [...watches.values()].some(({ absence }) => absence !== null);
