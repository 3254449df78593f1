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
  noteSessions,
  recordResult,
  settleWithinThreshold,
  waitAfter,
} from "../enforcement/settle.ts";
import { failureOf, type GraphError, GraphPermanentError, GraphRetryableError, isGraphError } from "../graph/errors.ts";
import type { GroupGraph, PrincipalReading } from "../graph/graph.ts";
import { commitPrincipal, type LoadedPrincipal, loadPrincipal } from "../model/load-and-commit.ts";
import type { Head, PrincipalState } from "../model/principal.ts";
import { StorageConflictError, StorageUnavailableError } from "../storage/table.ts";
import type { CoreDependencies, LiveObservation, NextPass } from "./dependencies.ts";
import { finishPass, loadForChange, type Pass, writeTries } from "./finish-pass.ts";
import { runGroupPass } from "./group-pass.ts";
import { nextSignal, type Signal } from "./messages.ts";

/** One pass: load, *then* read Graph, observe, decide, commit, and make the call that the commit took the lease for. @throws the errors of Graph and storage */
export async function runPass(signal: Signal, timeLeft: number, dependencies: CoreDependencies): Promise<NextPass> {
  const { clock, timings, waiting, kept } = dependencies;
  const loaded = kept?.loaded ?? (await loadForChange(signal.principalId, dependencies));
  const pass: Pass = { signal, timeLeft, loaded, loadedAt: kept?.loadedAt ?? clock.monotonic() };
  const live = await readLive(loaded.state, signal.because, dependencies);
  // When many invocations wait at once, each makes fewer passes.
  const cadence = waiting.size <= timings.closeAtMost ? timings : { ...timings, passVeryOften: timings.passEvery };
  if (live.state.head.kind === "group") return runGroupPass(pass, live, { ...dependencies, timings: cadence });

  const { date, at, value } = live.reading.principal;
  const { state, revoke } = await settleNow(pass, live, dependencies);
  const wakeAt = revoke ? date + timings.safetyNet : nextPass(state, date, cadence);
  const result = { next: state, date, at, wakeAt, wakeSignal: nextSignal(signal), work: revoke };
  const { committed, leaseFrom, wait } = await finishPass(pass, result, dependencies);
  if (!revoke) return wait;
  await carryOut(committed, leaseFrom, value.user?.restricted ?? false, dependencies);
  return timeLeft > 0 ? { ms: 0, failed: false } : null;
}

/** Reads the policy, the emergency stop and the tenant's throttling last, immediately before the commit that leads to the call, and decides. */
async function settleNow({ loaded, loadedAt }: Pass, live: LiveObservation, dependencies: CoreDependencies) {
  const { control, threshold, clock, newId, timings, telemetry } = dependencies;
  const { date, value } = live.reading.principal;
  const { user } = value;
  const state = closeRenewed(noteSessions(live.state, user), live.access, date, timings);
  const { principalId, revocations } = state;
  if ([...revocations.values()].every(({ progress }) => progress.state === "closed")) return { state, revoke: false };
  const policy = await readPolicy(dependencies);
  const read = await control.read();
  const storageTime = loaded.storageTime + clock.monotonic() - loadedAt;
  const stopped = read.stopped || policy.stopped;
  const circumstances: Circumstances = { ...read, stopped, storageTime, state, user, date, policy, timings };
  const settlement = await settleWithinThreshold(circumstances, newId(), threshold);
  const { revoke, due } = settlement;
  // An exemption from after the privilege was first seen is ignored, and the user is revoked.
  const late = due.filter((one) => isLate(principalId, policy.scope, exemptibleUntil(one, circumstances)));
  for (const { key } of revoke ? late : []) telemetry.alarm("exemptionIgnored", { principalId, key });
  // A revoke call does not wait for this read: the pass after the call closes the revocation and marks it then.
  return revoke ? settlement : { state: await noteElevated(state, settlement.state, dependencies), revoke };
}

/** Which roles and principals the settings mean now. Membership is read anew each time: it decides who is exempt. @throws the errors of storage */
export async function readPolicy(
  dependencies: Pick<CoreDependencies, "policy" | "enforcedRoles" | "scope">,
): Promise<ResolvedPolicy> {
  const { included, excluded, ...rules } = dependencies.policy;
  const enforcedRoles = (await dependencies.enforcedRoles?.()) ?? "all";
  const scope = (await dependencies.scope?.()) ?? usersOnly({ included, excluded });
  return { ...rules, enforcedRoles, scope };
}

/** Reads a principal and observes what changed. Groups are read only when a verdict depends on them. @throws the errors of Graph */
export async function readLive(
  before: PrincipalState,
  because: Signal["because"],
  { graph, graphClock, groups, timings }: CoreDependencies,
): Promise<LiveObservation> {
  const { principalId } = before;
  const principal = await graph.readPrincipal(principalId);
  graphClock.observe(principal);
  const state = await identify(before, principal.value, groups?.graph);
  const asksAccess = groups !== undefined && needsAccess(state, principal.date, timings);
  const access = asksAccess ? await readAccess(state, principal.date, groups.graph, timings) : [];
  const observation = observe(state, { principal, paths: null }, because, timings);
  if (observation.needsPaths.length === 0) return { ...observation, reading: { principal, paths: null }, access };
  const paths = await graph.readGroupPaths(principalId, observation.needsPaths);
  graphClock.observe(paths);
  const value = withoutStalePaths(paths.value, state, access, principal.date, timings);
  const reading: Reading = { principal, paths: { ...paths, value } };
  return { ...observe(state, reading, because, timings), reading, access };
}

/** PIM's rows, and what the groups' own lists show: a membership given outside PIM has no row. */
async function readAccess(state: PrincipalState, date: GraphTime, groups: GroupGraph, timings: Timings) {
  const { value: rows } = await groups.readAccess({ principalId: state.principalId });
  const asked = lostLongAgo(state, date, timings);
  const answers = await Promise.all(asked.map((of) => groups.readIsHolder(of)));
  const held = asked.filter((_, index) => answers[index]?.value);
  const unlisted = { startDateTime: null, endDateTime: null, activated: false, assignmentScheduleId: "" };
  return [...rows, ...held.map((of) => ({ ...of, ...unlisted }))];
}

/** A principal that is no user may be a group. Graph is asked in each pass until the kind is known. */
async function identify(state: PrincipalState, { user }: PrincipalReading, groups: GroupGraph | undefined) {
  if (user !== null || state.head.kind !== "unknown" || groups === undefined) return state;
  const { value: group } = await groups.readGroup(state.principalId);
  if (group === null) return state;
  const { missing: _, ...others } = state.head;
  const { assignableToRole } = group;
  const head: Head = { ...others, kind: "group", group: { assignableToRole, readAt: null, notBefore: null } };
  return { ...state, head };
}

/**
 * Makes the revoke call once for the attempt just committed (`leaseFrom`: our monotonic time before that) and records the result. When the lease is nearly
 * over, or recording fails, the attempt stays open and is read back. `isRestricted`: the user is in a restricted management unit.
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
  const ids = { principalId, attemptId: attempt.id };
  if (clock.monotonic() - leaseFrom > timings.leaseFor - timings.leaseMargin) telemetry.event("leaseOver", ids);
  else await record(ids, committed, await call(ids, isRestricted, dependencies), dependencies);
}

type Ids = Readonly<Record<"principalId" | "attemptId", string>>;

async function call(ids: Ids, isRestricted: boolean, dependencies: CoreDependencies): Promise<CallResult> {
  const { graph, graphClock, telemetry } = dependencies;
  try {
    const answer = await graph.revokeSignInSessions(ids.principalId);
    graphClock.observe(answer);
    telemetry.event("revokeAccepted", { ...ids, date: new Date(answer.date).toISOString() });
    return { error: null, date: answer.date };
  } catch (refused) {
    if (!isGraphError(refused)) throw refused;
    const error = isRestricted && refused.status === 403 ? refusedInUnit(refused) : refused;
    const properties = { ...ids, ...failureOf(error) };
    if (error.status === 403 || error.status === 401) telemetry.alarm("revokeRefused", properties);
    else telemetry.event("revokeFailed", properties);
    return { error, date: graphClock.now() };
  }
}

/** For a user in a restricted management unit no Graph permission helps against a 403 (Entra docs: admin-units-restricted-management). */
const refusedInUnit = ({ status, requestId }: GraphError): GraphError =>
  new GraphPermanentError(
    "Graph refuses to revoke: this user is in a restricted management administrative unit, where application permissions do not count. Assign the app's identity a role that may revoke sessions, such as Privileged Authentication Administrator, at the scope of that unit.",
    { code: "managementRestricted", status, requestId },
  );

async function record(ids: Ids, committed: LoadedPrincipal, result: CallResult, dependencies: CoreDependencies) {
  const { principals, control, clock, timings, telemetry } = dependencies;
  let loaded = committed;
  for (let tries = 0; tries < writeTries; tries += 1) {
    try {
      if (tries > 0) loaded = await loadPrincipal(principals, ids.principalId);
      // Another instance has closed this attempt after a read-back, or has the lease now.
      if (loaded.state.attempt?.id !== ids.attemptId) return;
      await commitPrincipal(principals, loaded, recordResult(loaded.state, result, timings));
      if (result.error instanceof GraphRetryableError && result.error.reason === "throttled") {
        await control.throttle(loaded.storageTime + waitAfter(result.error, timings));
      }
      return;
    } catch (error) {
      if (!(error instanceof StorageConflictError || error instanceof StorageUnavailableError)) throw error;
      if (error instanceof StorageUnavailableError) await clock.sleep(timings.passEvery * 2 ** tries);
    }
  }
  telemetry.event("resultUnrecorded", ids);
}
