import type { Graph } from "../graph/graph.ts";
import type { GraphClock } from "../graph/graph-clock.ts";
import { type Observation, observe, type Reading } from "./observe.ts";
import type { PrincipalState } from "./principal-state.ts";
import type { Timings } from "./timings.ts";

export interface LiveObservation extends Observation {
  readonly reading: Reading;
}

/** Reads a principal and observes what changed. A second read, of the group paths, is made only when an end depends on it. */
export async function readLive(
  graph: Graph,
  graphClock: GraphClock,
  state: PrincipalState,
  foundBy: string,
  timings: Timings,
): Promise<LiveObservation> {
  const principal = await graph.readPrincipal(state.principalId);
  graphClock.observe(principal);
  const reading: Reading = { principal, paths: null };
  const observation = observe(state, reading, foundBy, timings);
  if (observation.needsPaths.length === 0) return { ...observation, reading };
  const paths = await graph.readGroupPaths(state.principalId, observation.needsPaths);
  graphClock.observe(paths);
  const complete: Reading = { principal, paths: paths.value };
  return { ...observe(state, complete, foundBy, timings), reading: complete };
}
