import { z } from "zod";
import { readBatch } from "./batch.ts";
import type {
  Dated,
  DirectoryAssignment,
  PrincipalReading,
  RoleInstance,
  RoleInstanceList,
  UserReading,
} from "./graph.ts";
import { canonicalInstant, guid, instantMs, isInstant, lowerCaseIfGuid, requireGuid } from "./instants-and-ids.ts";
import { promised, unexpectedAnswer } from "./pace.ts";
import { endpoints } from "./permissions.ts";
import { beginningAnew, type Listing, laterPages, type ReadContext, readList, SleepBudget } from "./read.ts";

/** Everything about one principal in one `$batch`, so that all of it is of one moment. @throws GraphRetryableError, GraphPermanentError */
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
    // A list that ignores the filter would prove absences that are none.
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

/** Null, absent and empty scopes are the same. */
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

/** Casing differs between the schema and real answers (Graph docs: unifiedRoleAssignmentScheduleInstance). */
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
 * Every active assignment of the tenant. Low priority: it only enqueues, and the next resync reads it again. So a row that is not what was promised is set
 * aside, and its principal is served by their own reading, which holds.
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

/** Each way to sign in that a user has (Graph docs: objectIdentity). */
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
