import type { GraphTime } from "../base/clock.ts";
import type { Timings } from "../detection/cadences.ts";
import { nextPass } from "../detection/next-pass.ts";
import { observe, type Reading } from "../detection/observe.ts";
import { closeRenewed, lostLongAgo, needsAccess, withoutStalePaths } from "../detection/still-held.ts";
import { type Circumstances, exemptibleUntil } from "../enforcement/decide.ts";
import { noteElevated } from "../enforcement/elevated-access.ts";
import { isLate, type ResolvedPolicy, usersOnly } from "../enforcement/policy.ts";
import {
  type CallResult,
  concernsElevation,
  noteSessions,
  recordResult,
  type Settlement,
  settleWithinThreshold,
  waitAfter,
} from "../enforcement/settle.ts";
import { GraphPermanentError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { Graph, GroupAccess, GroupGraph, PrincipalReading } from "../graph/graph.ts";
import type { GraphClock } from "../graph/instants-and-ids.ts";
import { commitPrincipal, type LoadedPrincipal, loadPrincipal } from "../model/load-and-commit.ts";
import type { PendingRevocation } from "../model/pending-revocation.ts";
import type { PrincipalState } from "../model/principal.ts";
import { StorageConflictError, StorageUnavailableError } from "../storage/table.ts";
import type { CoreDependencies, LiveObservation, NextPass } from "./dependencies.ts";
import { finishPass, loadForChange, type Pass } from "./finish-pass.ts";
import { runGroupPass } from "./group-pass.ts";
import { nextSignal, type Signal } from "./messages.ts";

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
  const { graph, groups, graphClock, clock, timings, waiting } = dependencies;
  const loaded = await loadForChange(signal.principalId, dependencies);
  const pass: Pass = { signal, timeLeft, loaded, loadedAt: clock.monotonic() };
  const live = await readLive(graph, graphClock, loaded.state, signal.because, timings, groups?.graph);
  // When many invocations wait at once, each makes fewer passes.
  const close = waiting.size <= timings.closeAtMost ? timings : { ...timings, passVeryClosely: 0 };
  if (live.state.head.kind === "group") return runGroupPass(pass, live, { ...dependencies, timings: close });

  const { date, at } = live.reading.principal;
  const isRestricted = live.reading.principal.value.user?.restricted ?? false;
  const { state, revoke } = await settleNow(pass, live, dependencies);
  const finished = await finishPass(
    pass,
    {
      next: state,
      date,
      at,
      wakeAt: revoke ? date + timings.safetyNet : nextPass(state, date, close),
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

/** Reads a principal and observes what changed. Groups are read only when a verdict depends on them. @throws the errors of Graph */
export async function readLive(
  graph: Graph,
  graphClock: GraphClock,
  before: PrincipalState,
  because: Signal["because"],
  timings: Timings,
  groups?: GroupGraph,
): Promise<LiveObservation> {
  const { principalId } = before;
  const principal = await graph.readPrincipal(principalId);
  graphClock.observe(principal);
  const state = await identify(before, principal.value, groups);
  const asksAccess = groups !== undefined && needsAccess(state, principal.date, timings);
  const access = asksAccess ? await readAccess(state, principal.date, groups, timings) : [];
  const observation = observe(state, { principal, paths: null }, because, timings);
  if (observation.needsPaths.length === 0) return { ...observation, reading: { principal, paths: null }, access };
  const paths = await graph.readGroupPaths(principalId, observation.needsPaths);
  graphClock.observe(paths);
  const value = withoutStalePaths(paths.value, state, access, principal.date, timings);
  const reading: Reading = { principal, paths: { ...paths, value } };
  return { ...observe(state, reading, because, timings), reading, access };
}

/** PIM's rows, and what the groups' own lists show: a membership given outside PIM has no row. */
async function readAccess(
  state: PrincipalState,
  date: GraphTime,
  groups: GroupGraph,
  timings: Timings,
): Promise<readonly GroupAccess[]> {
  const { value: rows } = await groups.readAccess({ principalId: state.principalId });
  const asked = lostLongAgo(state, date, timings);
  const answers = await Promise.all(asked.map((of) => groups.readIsHolder(of)));
  const held = asked.filter((_, index) => answers[index]?.value);
  const unlisted = { startDateTime: null, endDateTime: null, activated: false, assignmentScheduleId: "" };
  return [...rows, ...held.map((of) => ({ ...of, ...unlisted }))];
}

/** A principal that is no user may be a group. Graph is asked in each pass until the kind is known. */
async function identify(
  state: PrincipalState,
  { user }: PrincipalReading,
  groups: GroupGraph | undefined,
): Promise<PrincipalState> {
  if (user !== null || state.head.kind !== "unknown" || groups === undefined) return state;
  const { value: group } = await groups.readGroup(state.principalId);
  if (group === null) return state;
  const { assignableToRole } = group;
  const { missing: _, ...head } = state.head;
  return { ...state, head: { ...head, kind: "group", group: { assignableToRole, readAt: null, notBefore: null } } };
}

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
