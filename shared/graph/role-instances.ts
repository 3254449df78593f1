import { z } from "zod";
import type { Dated, RoleInstance } from "./graph.ts";
import { guid, lowerCaseIfGuid } from "./guid.ts";
import { canonicalInstant, isInstant } from "./instant.ts";
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

/** Every active assignment of the tenant. Low priority: it only nominates, and the next resync reads it again. */
export const listRoleInstances = (context: ReadContext): Promise<Dated<readonly RoleInstance[]>> =>
  readList(context, { ...urgentRoleInstances, priority: "low" }, PATH, new SleepBudget(context.clock));
