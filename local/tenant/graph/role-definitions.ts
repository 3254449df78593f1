import { ok } from "../http/answer.ts";
import { anyOf, type GraphEndpoint } from "./endpoint.ts";
import { notFound } from "./graph-error.ts";
import { matches, parseFilter, selectFrom } from "./odata.ts";
import { metadata, page } from "./page.ts";

const properties = ["id", "description", "displayName", "isBuiltIn", "isEnabled", "templateId"];
const context = "roleManagement/directory/roleDefinitions";
const permissions = anyOf(
  "RoleManagement.Read.Directory",
  "RoleManagement.Read.All",
  "Directory.Read.All",
  "RoleManagement.ReadWrite.Directory",
  "Directory.ReadWrite.All",
);

/** Graph docs: rbacapplication-list-roledefinitions. */
export const listRoleDefinitions: GraphEndpoint = {
  method: "GET",
  path: /^\/roleManagement\/directory\/roleDefinitions$/i,
  permissions,
  cost: { units: 1, writes: 0 },
  handle(request) {
    const { searchParams } = request.call.url;
    const conditions = parseFilter(searchParams.get("$filter"), ["id", "displayName", "templateId"]);
    const rows = [...request.tenant.roles.values()]
      .map((role) => ({ ...role }))
      .filter((row) => matches(row, conditions))
      .map((row) => selectFrom(row, searchParams.get("$select"), properties, "unifiedRoleDefinition"));
    return page(request, context, rows);
  },
};

/** Graph docs: unifiedroledefinition-get. */
export const getRoleDefinition: GraphEndpoint = {
  method: "GET",
  path: /^\/roleManagement\/directory\/roleDefinitions\/([^/]+)$/i,
  permissions,
  cost: { units: 1, writes: 0 },
  handle({ tenant, call, params: [id = ""] }) {
    const role = tenant.roles.get(id.toLowerCase());
    if (role === undefined) throw notFound(id);
    const row = selectFrom({ ...role }, call.url.searchParams.get("$select"), properties, "unifiedRoleDefinition");
    return ok({ "@odata.context": metadata(call.url, `${context}/$entity`), ...row });
  },
};
