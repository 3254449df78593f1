import { anyOf, type GraphEndpoint } from "./endpoint.ts";
import { badRequest } from "./graph-error.ts";
import { matches, parseFilter, selectFrom } from "./odata.ts";
import { page } from "./page.ts";

const properties = [
  "id",
  "principalId",
  "groupId",
  "accessId",
  "startDateTime",
  "endDateTime",
  "assignmentType",
  "memberType",
  "assignmentScheduleId",
];
const context = "identityGovernance/privilegedAccess/group/assignmentScheduleInstances";

/** Graph docs: privilegedaccessgroup-list-assignmentscheduleinstances, where the filter is mandatory. */
export const listGroupScheduleInstances: GraphEndpoint = {
  method: "GET",
  path: /^\/identityGovernance\/privilegedAccess\/group\/assignmentScheduleInstances$/i,
  permissions: anyOf(
    "PrivilegedAssignmentSchedule.Read.AzureADGroup",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
  ),
  cost: { units: 1, writes: 0 },
  handle(request) {
    const { searchParams } = request.call.url;
    const conditions = parseFilter(searchParams.get("$filter"), ["groupId", "principalId", "accessId"]);
    if (!conditions.some(({ field }) => field !== "accessId")) {
      throw badRequest("A filter on groupId or principalId is required.");
    }
    const rows = [...request.tenant.groupInstances.read().values()]
      .map((instance) => ({ ...instance }))
      .filter((row) => matches(row, conditions))
      .map((row) =>
        selectFrom(row, searchParams.get("$select"), properties, "privilegedAccessGroupAssignmentScheduleInstance"),
      );
    return page(request, context, rows);
  },
};
