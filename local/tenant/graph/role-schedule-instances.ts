import type { RoleInstance } from "../pim/assignment.ts";
import type { Tenant } from "../tenant.ts";
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
    const rows = listedInstances(context.tenant)
      .map((instance) => ({ ...instance }))
      .filter((row) => matches(row, conditions))
      .map((row) => selectFrom(row, searchParams.get("$select"), properties, "unifiedRoleAssignmentScheduleInstance"));
    return page(context, "roleManagement/directory/roleAssignmentScheduleInstances", rows);
  },
};

/** What one replica shows, with a row for each member of a group that holds a role when the settings say so. */
function listedInstances({ instances, groups, settings }: Tenant): RoleInstance[] {
  const listed = [...instances.read().values()];
  if (settings.groupRolesListed === "once") return listed;
  const known = groups.read();
  return listed.flatMap((instance) => {
    const members = known.get(instance.principalId)?.memberIds ?? [];
    return [
      instance,
      ...members.map((principalId): RoleInstance => ({ ...instance, principalId, memberType: "Group" })),
    ];
  });
}
