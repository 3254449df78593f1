import { type BatchItem, MAX_BATCH_ITEMS, readBatch } from "./batch.ts";
import type { Dated, DirectoryAssignment, GroupPath, RoleInstance, RolePrivilege } from "./graph.ts";
import { guid, requireGuid } from "./instants-and-ids.ts";
import { endpoints } from "./permissions.ts";
import { directoryAssignments, directoryAssignmentsPath, roleInstancesPath, urgentRoleInstances } from "./principal.ts";
import { beginningAnew, type Listing, laterPages, type ReadContext, SleepBudget } from "./read.ts";

/** One item for the memberships and two for each role. */
const ROLES_PER_BATCH = Math.floor((MAX_BATCH_ITEMS - 1) / 2);

const memberGroups: Listing<string> = { endpoint: endpoints.memberGroups, row: guid, priority: "high" };

/**
 * The groups through which a user holds any of these roles now: the directory decides, the instances show the end.
 * Up to nine roles are read in one `$batch`; the date is the first one's.
 * @throws GraphRetryableError, GraphPermanentError
 */
export async function readGroupPaths(
  context: ReadContext,
  userId: string,
  roleDefinitionIds: readonly string[],
): Promise<Dated<readonly GroupPath[]>> {
  const user = requireGuid(userId, "principal");
  const roles = [...new Set(roleDefinitionIds.map((id) => requireGuid(id, "roleDefinition")))];
  return beginningAnew(() => readPathsOnce(context, user, roles));
}

async function readPathsOnce(
  context: ReadContext,
  user: string,
  roles: readonly string[],
): Promise<Dated<readonly GroupPath[]>> {
  const budget = new SleepBudget(context.clock);

  const membership: BatchItem = {
    endpoint: endpoints.memberGroups,
    method: "POST",
    path: `users/${user}/getMemberGroups`,
    body: { securityEnabledOnly: true },
    mayBeMissing: true,
  };
  const { value, date, at } = await readBatch(
    context,
    [membership, ...roles.slice(0, ROLES_PER_BATCH).flatMap(itemsOf)],
    budget,
  );
  const [groupsBody, ...listBodies] = value;
  if (groupsBody === null) return { value: [], date, at };

  for (let next = ROLES_PER_BATCH; next < roles.length; next += ROLES_PER_BATCH) {
    const more = await readBatch(context, roles.slice(next, next + ROLES_PER_BATCH).flatMap(itemsOf), budget);
    listBodies.push(...more.value);
  }
  const groups = new Set(await laterPages(context, memberGroups, groupsBody, budget));
  const held: DirectoryAssignment[] = [];
  const instances: RoleInstance[] = [];
  for (const [index, body] of listBodies.entries()) {
    if (index % 2 === 0) held.push(...(await laterPages(context, directoryAssignments, body, budget)));
    else instances.push(...(await laterPages(context, urgentRoleInstances, body, budget)));
  }
  const asked = held.filter(
    ({ principalId, roleDefinitionId }) => groups.has(principalId) && roles.includes(roleDefinitionId),
  );
  return { value: asked.flatMap((row) => pathsThrough(row, instances)), date, at };
}

const itemsOf = (role: string): BatchItem[] => [
  { endpoint: endpoints.directoryAssignments, method: "GET", path: directoryAssignmentsPath("roleDefinitionId", role) },
  { endpoint: endpoints.roleInstances, method: "GET", path: roleInstancesPath("roleDefinitionId", role) },
];

/** One path for each instance that explains the row, e.g. an activation beside a permanent assignment; else one without an end. */
function pathsThrough(row: DirectoryAssignment, instances: readonly RoleInstance[]): GroupPath[] {
  const { principalId: groupId, roleDefinitionId, directoryScopeId, appScopeId } = row;
  const privilege: RolePrivilege = { roleDefinitionId, directoryScopeId, appScopeId };
  const unmatched = { startDateTime: null, endDateTime: null, roleAssignmentScheduleId: "" };
  const explaining = instances.filter((instance) => instance.principalId === groupId && samePrivilege(instance, row));
  return (explaining.length > 0 ? explaining : [unmatched]).map(
    ({ startDateTime, endDateTime, roleAssignmentScheduleId }) => ({
      ...privilege,
      groupId,
      startDateTime,
      endDateTime,
      roleAssignmentScheduleId,
    }),
  );
}

const samePrivilege = (a: RolePrivilege, b: RolePrivilege): boolean =>
  a.roleDefinitionId === b.roleDefinitionId &&
  a.directoryScopeId === b.directoryScopeId &&
  a.appScopeId === b.appScopeId;
