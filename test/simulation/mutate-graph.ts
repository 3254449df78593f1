import type { Clock } from "../../shared/base/clock.ts";
import type { Dated, DirectoryAssignment, Graph, PrincipalReading, RoleInstance } from "../../shared/graph/graph.ts";

/** The directory seems to hold nothing, ever. */
export const hideDirectory = (graph: Graph): Graph => ({
  ...graph,
  readPrincipal: async (id) => withValue(await graph.readPrincipal(id), (value) => ({ ...value, directory: [] })),
});

/** Answers are dated by this machine's clock, which may be wrong by minutes. */
export function ownDate(graph: Graph, clock: Clock): Graph {
  const redated = async <T>(answer: Promise<Dated<T>>): Promise<Dated<T>> => ({
    ...(await answer),
    date: Math.floor(clock.now() / 1000) * 1000,
  });
  return {
    listRoleInstances: () => redated(graph.listRoleInstances()),
    readPrincipal: (id) => redated(graph.readPrincipal(id)),
    readGroupPaths: (id, roles) => redated(graph.readGroupPaths(id, roles)),
    revokeSignInSessions: (id) => redated(graph.revokeSignInSessions(id)),
  };
}

/** Each assignment seems to give a role of its own, so that none explains another. */
export function unrelatedRoles(graph: Graph): Graph {
  const own = (row: RoleInstance): RoleInstance => ({
    ...row,
    roleDefinitionId: `${row.roleDefinitionId}:${row.roleAssignmentScheduleId}`,
  });
  const perAssignment = ({ instances, directory, user }: PrincipalReading): PrincipalReading => {
    const directoryRows = directory.flatMap((row): DirectoryAssignment[] =>
      instances.filter((instance) => instance.roleDefinitionId === row.roleDefinitionId).map(own),
    );
    return { instances: instances.map(own), directory: directoryRows, user };
  };
  return {
    ...graph,
    listRoleInstances: async () => withValue(await graph.listRoleInstances(), (rows) => rows.map(own)),
    readPrincipal: async (id) => withValue(await graph.readPrincipal(id), perAssignment),
    readGroupPaths: async (id) => withValue(await graph.readGroupPaths(id, []), () => []),
  };
}

const withValue = <From, To>(answer: Dated<From>, change: (value: From) => To): Dated<To> => ({
  ...answer,
  value: change(answer.value),
});
