import { type GraphError, GraphRetryableError } from "../graph/graph-errors.ts";
import { carryOut } from "../revocation/carry-out.ts";
import { readPolicy } from "../revocation/read-policy.ts";
import { settleWithinThreshold } from "../revocation/settle-within-threshold.ts";
import { announceOutcomes } from "../webhook/announce-outcomes.ts";
import type { NextLook } from "./attend.ts";
import { commitPrincipal } from "./commit-principal.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import { loadPrincipal } from "./load-principal.ts";
import type { PrincipalState } from "./principal-state.ts";
import { reportCommit } from "./report-commit.ts";
import type { Signal } from "./signal.ts";
import { countUnread, unconfirmedEnds } from "./unreadable.ts";
import { planWake } from "./wake.ts";

/**
 * What follows from a read that failed: nothing about the assignments. It is tried again; and when a known end has passed and Graph stays
 * unreadable for minutes, that is raised, and (by setting) the sessions are cut without confirmation.
 */
export async function lookUnread(
  signal: Signal,
  error: GraphError,
  timeLeft: number,
  dependencies: CoreDependencies,
): Promise<NextLook | null> {
  const { graphClock, principals, control, threshold, signals, clock, newId, policy, timings, telemetry } =
    dependencies;
  const { code, status = null, message } = error;
  const properties = { principalId: signal.principalId, code, status, message };
  if (error instanceof GraphRetryableError) telemetry.event("readFailed", properties);
  else telemetry.alarm("readRefused", properties);

  const loaded = await loadPrincipal(principals, signal.principalId);
  // Before its first answer this instance does not know Graph's time; storage's is nearer to it than our own clock.
  const date = graphClock.now(loaded.storageTime);
  const isOutage = error instanceof GraphRetryableError && error.reason === "unavailable";
  const counted = isOutage ? countUnread(loaded.state, date, loaded.storageTime, timings) : loaded.state;
  const raised = counted.head.unreadable?.raised === true;
  if (raised && loaded.state.head.unreadable?.raised !== true) telemetry.alarm("unreadable", properties);
  // A group has no sessions: what its members are owed waits until Graph can be read.
  const mayCut = isOutage && counted.head.kind !== "group" && raised && policy.whenUnreadable === "revoke";
  const observed: PrincipalState = mayCut ? unconfirmedEnds(counted, date, signal.because) : counted;

  // An unconfirmed cut that was stopped or refused is tried again with every failed read, as long as it may be made at all.
  const { stopped, throttledUntil, resumption } = mayCut
    ? await control.read()
    : { stopped: true, throttledUntil: null, resumption: null };
  const policyNow = mayCut ? await readPolicy(dependencies) : policy;
  const settlement = await settleWithinThreshold(
    {
      state: observed,
      user: "unread",
      date,
      storageTime: loaded.storageTime,
      throttledUntil,
      stopped: stopped || policy.stopped,
      resumption,
      policy: policyNow,
      timings,
    },
    newId(),
    threshold,
  );
  const wait = retryAfter(error, signal.tries, dependencies);
  const inside = !settlement.revoke && wait <= timings.waitInside && wait < timeLeft;
  const planned = await planWake(signals, settlement.state, {
    wait,
    inside,
    sent: dependencies.sentWake,
    behindCall: settlement.revoke,
    storageNow: loaded.storageTime,
    signal: { ...signal, tries: signal.tries + 1 },
  });
  const leaseFrom = clock.monotonic();
  await announceOutcomes(dependencies.notices, loaded.state, planned);
  const committed = await commitPrincipal(principals, loaded, planned);
  reportCommit(dependencies, loaded.state, committed.state, []);
  if (settlement.revoke) await carryOut(committed, leaseFrom, dependencies);
  return inside ? { ms: wait, failed: true } : null;
}

function retryAfter(error: GraphError, tries: number, { timings }: CoreDependencies): number {
  if (!(error instanceof GraphRetryableError)) return timings.holdEvery;
  return error.retryAfter ?? Math.min(timings.retryEvery * 2 ** Math.min(tries, 10), timings.retrySlowly);
}
