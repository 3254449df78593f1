import { anyOf, type GraphEndpoint } from "./endpoint.ts";
import { unlicensed } from "./graph-error.ts";
import { matches, parseFilter, selectFrom } from "./odata.ts";
import { page } from "./page.ts";

const properties = [
  "id",
  "principalId",
  "roleDefinitionId",
  "directoryScopeId",
  "appScopeId",
  "startDateTime",
  "endDateTime",
  "assignmentType",
  "memberType",
  "roleAssignmentOriginId",
  "roleAssignmentScheduleId",
];
const filterable = properties.filter((name) => name !== "startDateTime" && name !== "endDateTime" && name !== "id");

/** Graph docs: rbacapplication-list-roleassignmentscheduleinstances. */
export const listRoleScheduleInstances: GraphEndpoint = {
  method: "GET",
  path: /^\/roleManagement\/directory\/roleAssignmentScheduleInstances$/i,
  permissions: anyOf(
    "RoleAssignmentSchedule.Read.Directory",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
  ),
  cost: { units: 1, writes: 0 },
  handle(context) {
    if (!context.tenant.settings.licensed) throw unlicensed();
    const { searchParams } = context.call.url;
    const conditions = parseFilter(searchParams.get("$filter"), filterable);
    const rows = [...context.tenant.instances.read().values()]
      .map((instance) => ({ ...instance }))
      .filter((row) => matches(row, conditions))
      .map((row) => selectFrom(row, searchParams.get("$select"), properties, "unifiedRoleAssignmentScheduleInstance"));
    return page(context, "roleManagement/directory/roleAssignmentScheduleInstances", rows);
  },
};
