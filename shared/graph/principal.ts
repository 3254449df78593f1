import { z } from "zod";
import { type BatchItem, MAX_BATCH_ITEMS, readBatch } from "./batch.ts";
import type {
  Dated,
  DirectoryAssignment,
  GroupPath,
  PrincipalReading,
  RoleInstance,
  RoleInstanceList,
  RolePrivilege,
  UserReading,
} from "./graph.ts";
import { canonicalInstant, guid, instantMs, isInstant, lowerCaseIfGuid, requireGuid } from "./instants-and-ids.ts";
import { promised, unexpectedAnswer } from "./pace.ts";
import { endpoints } from "./permissions.ts";
import { beginningAnew, type Listing, laterPages, type ReadContext, readList, SleepBudget } from "./read.ts";

/** Reads everything about one principal in one `$batch`, so that all of it shows the same moment. @throws GraphRetryableError, GraphPermanentError */
export async function readPrincipal(context: ReadContext, principalId: string): Promise<Dated<PrincipalReading>> {
  const id = requireGuid(principalId, "principal");
  return beginningAnew(() => readOnce(context, id));
}

async function readOnce(context: ReadContext, id: string): Promise<Dated<PrincipalReading>> {
  const budget = new SleepBudget(context.clock);
  const items = [
    { endpoint: endpoints.roleInstances, method: "GET", path: roleInstancesPath("principalId", id) },
    { endpoint: endpoints.directoryAssignments, method: "GET", path: directoryAssignmentsPath("principalId", id) },
    { endpoint: endpoints.user, method: "GET", path: userPath(id), mayBeMissing: true },
  ] as const;
  const { value, date, at } = await readBatch(context, items, budget);
  const [instances, directory, user] = value;

  const own = async <T extends { readonly principalId: string }>(listing: Listing<T>, body: unknown) => {
    const rows = await laterPages(context, listing, body, budget);
    // A row of another principal means that Graph ignored the filter, so an absent row would prove nothing.
    if (rows.some((row) => row.principalId !== id)) throw unexpectedAnswer(listing.endpoint, "a row's principalId");
    return rows;
  };
  const reading = {
    instances: await own(urgentRoleInstances, instances),
    directory: await own(directoryAssignments, directory),
    user: user === null ? null : promised(endpoints.user, userReading, user),
  };
  if (reading.user && reading.user.id !== id) throw unexpectedAnswer(endpoints.user, "id");
  return { value: reading, date, at };
}

/** Null, absent and empty scopes mean the same. */
const scope = z
  .string()
  .nullish()
  .transform((text) => text ?? "");

/** A moment in canonical form; null on permanent rows. */
export const instant = z
  .string()
  .refine(isInstant)
  .transform(canonicalInstant)
  .nullish()
  .transform((text) => text ?? null);

/** The schema and real answers differ in case (Graph docs: unifiedRoleAssignmentScheduleInstance). */
const capitalised = z.string().transform((text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase());

const roleInstance = z.object({
  principalId: guid,
  roleDefinitionId: guid,
  directoryScopeId: scope,
  appScopeId: scope,
  startDateTime: instant,
  endDateTime: instant,
  assignmentType: capitalised.pipe(z.enum(["Assigned", "Activated"])),
  memberType: capitalised.pipe(z.enum(["Direct", "Inherited", "Group"])),
  roleAssignmentScheduleId: z.string().min(1).transform(lowerCaseIfGuid),
}) satisfies z.ZodType<RoleInstance>;

const PATH = "roleManagement/directory/roleAssignmentScheduleInstances";

export const urgentRoleInstances: Listing<RoleInstance> = {
  endpoint: endpoints.roleInstances,
  row: roleInstance,
  priority: "high",
};

/** @param id lower-case GUID */
export const roleInstancesPath = (property: "principalId" | "roleDefinitionId", id: string): string =>
  `${PATH}?$filter=${property}%20eq%20'${id}'`;

/**
 * Every active assignment of the tenant. Low priority: the list only serves to enqueue principals, and the next resync reads it again. So a row that is not
 * as documented is left out. The principal's own reading decides about it.
 */
export async function listRoleInstances(context: ReadContext): Promise<RoleInstanceList> {
  const unreadable: string[] = [];
  const listing = {
    ...urgentRoleInstances,
    priority: "low" as const,
    setAside: (place: string) => unreadable.push(place),
  };
  const list = await readList(context, listing, PATH, new SleepBudget(context.clock));
  return { ...list, ...(unreadable.length === 0 ? {} : { unreadable }) };
}

const directoryAssignment = z.object({
  principalId: guid,
  roleDefinitionId: guid,
  directoryScopeId: scope,
  appScopeId: scope,
}) satisfies z.ZodType<DirectoryAssignment>;

export const directoryAssignments: Listing<DirectoryAssignment> = {
  endpoint: endpoints.directoryAssignments,
  row: directoryAssignment,
  priority: "high",
};

/** @param id lower-case GUID */
export const directoryAssignmentsPath = (property: "principalId" | "roleDefinitionId", id: string): string =>
  `roleManagement/directory/roleAssignments?$filter=${property}%20eq%20'${id}'`;

const PROPERTIES = "id,identities,isManagementRestricted,signInSessionsValidFromDateTime";

/** `signInSessionsValidFromDateTime` is returned only on `$select` (Graph docs: user). @param id lower-case GUID */
const userPath = (id: string): string => `users/${id}?$select=${PROPERTIES}`;

/** One of the ways in which a user can sign in (Graph docs: objectIdentity). */
const identity = z.object({ signInType: z.string().nullish() });

const userReading = z
  .object({
    id: guid,
    identities: z.array(identity).nullish(),
    isManagementRestricted: z.boolean().nullish(),
    signInSessionsValidFromDateTime: z.string().refine(isInstant).nullish(),
  })
  .transform(
    ({ id, identities, isManagementRestricted, signInSessionsValidFromDateTime: validFrom }): UserReading => ({
      id,
      restricted: isManagementRestricted ?? false,
      external: identities?.some(({ signInType }) => signInType?.toLowerCase() === "federated") ?? false,
      sessionsValidFrom: validFrom ? Math.floor(instantMs(validFrom) / 1000) * 1000 : null,
    }),
  );

/** A batch has one item for the memberships and two for each role. */
const ROLES_PER_BATCH = Math.floor((MAX_BATCH_ITEMS - 1) / 2);

export const memberGroups: Listing<string> = { endpoint: endpoints.memberGroups, row: guid, priority: "high" };

/** The ids of the groups of a user, also those that contain one of them (Graph docs: directoryObject: getMemberGroups). @param user lower-case GUID */
export const memberGroupsOf = (user: string, securityEnabledOnly: boolean): BatchItem => ({
  endpoint: endpoints.memberGroups,
  method: "POST",
  path: `users/${user}/getMemberGroups`,
  body: { securityEnabledOnly },
  mayBeMissing: true,
});

/**
 * The groups through which a user holds any of these roles now. The directory shows that a group holds a role, and the instances show the end.
 * Up to nine roles are read in one `$batch`; the date is that of the first batch.
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
  const { value, date, at } = await readBatch(
    context,
    [memberGroupsOf(user, true), ...roles.slice(0, ROLES_PER_BATCH).flatMap(itemsOf)],
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
  const wanted = held.filter(
    ({ principalId, roleDefinitionId }) => groups.has(principalId) && roles.includes(roleDefinitionId),
  );
  return { value: wanted.flatMap((row) => pathsThrough(row, instances)), date, at };
}

const itemsOf = (role: string): BatchItem[] => [
  { endpoint: endpoints.directoryAssignments, method: "GET", path: directoryAssignmentsPath("roleDefinitionId", role) },
  { endpoint: endpoints.roleInstances, method: "GET", path: roleInstancesPath("roleDefinitionId", role) },
];

/** One path for each instance that matches the directory's row, e.g. an activation beside a permanent assignment; else one path without an end. */
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
