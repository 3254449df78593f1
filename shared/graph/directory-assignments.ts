import { z } from "zod";
import type { DirectoryAssignment } from "./graph.ts";
import { guid } from "./guid.ts";
import type { Listing } from "./pages.ts";
import { endpoints } from "./permissions.ts";
import { scope } from "./principal.ts";

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
