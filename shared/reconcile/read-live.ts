import type { GraphTime } from "../base/clock.ts";
import { observe, type Reading } from "../detection/observe.ts";
import { lostLongAgo, needsAccess, withoutStalePaths } from "../detection/still-held.ts";
import type { Timings } from "../detection/timings.ts";
import type { Graph, GroupAccess, GroupGraph, PrincipalReading } from "../graph/graph.ts";
import type { GraphClock } from "../graph/instants-and-ids.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { LiveObservation } from "./dependencies.ts";
import type { Signal } from "./messages.ts";

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
