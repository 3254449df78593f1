import { z } from "zod";
import type { RoleInstance, RoleInstanceList } from "./graph.ts";
import { guid, lowerCaseIfGuid } from "./guid.ts";
import { canonicalInstant, isInstant } from "./instants-and-ids.ts";
import { type Listing, readList } from "./pages.ts";
import { endpoints } from "./permissions.ts";
import type { ReadContext } from "./read.ts";
import { SleepBudget } from "./retry.ts";

/** Null, absent and empty scopes are the same. */
export const scope = z
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
 * Every active assignment of the tenant. Low priority: it only nominates, and the next resync reads it again. So a row that is not what was promised is set
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
