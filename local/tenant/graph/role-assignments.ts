import { anyOf, type GraphEndpoint } from "./endpoint.ts";
import { badRequest } from "./graph-error.ts";
import { matches, parseFilter, selectFrom } from "./odata.ts";
import { page } from "./page.ts";

const properties = ["id", "principalId", "roleDefinitionId", "directoryScopeId"];

/** Graph docs: rbacapplication-list-roleassignments, which asks for a filter on `roleDefinitionId` or `principalId`. */
export const listRoleAssignments: GraphEndpoint = {
  method: "GET",
  path: /^\/roleManagement\/directory\/roleAssignments$/i,
  permissions: anyOf(
    "RoleManagement.Read.Directory",
    "RoleManagement.Read.All",
    "Directory.Read.All",
    "RoleManagement.ReadWrite.Directory",
    "Directory.ReadWrite.All",
  ),
  cost: { units: 1, writes: 0 },
  handle(context) {
    const { searchParams } = context.call.url;
    const conditions = parseFilter(searchParams.get("$filter"), ["principalId", "roleDefinitionId"]);
    if (conditions.length === 0) throw badRequest("A filter on principalId or roleDefinitionId is required.");
    const rows = [...context.tenant.directory.read().values()]
      .map((assignment) => ({ ...assignment }))
      .filter((row) => matches(row, conditions))
      .map((row) => selectFrom(row, searchParams.get("$select"), properties, "unifiedRoleAssignment"));
    return page(context, "roleManagement/directory/roleAssignments", rows);
  },
};
