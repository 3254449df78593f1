import { type Group, transitiveMembersOf } from "../directory/groups.ts";
import { ok } from "../http/answer.ts";
import type { Tenant } from "../tenant.ts";
import { anyOf, type GraphContext, type GraphEndpoint } from "./endpoint.ts";
import { badRequest, denied, notFound } from "./graph-error.ts";
import { type Row, selectFrom } from "./odata.ts";
import { metadata, page } from "./page.ts";
import { standardUserProperties, userRow } from "./users.ts";

const properties = ["id", "displayName", "securityEnabled", "isAssignableToRole", "visibility"];
const permissions = anyOf(
  "GroupMember.Read.All",
  "Group.Read.All",
  "Directory.Read.All",
  "Group.ReadWrite.All",
  "Directory.ReadWrite.All",
);

/** Graph docs: group-get. */
export const getGroup: GraphEndpoint = {
  method: "GET",
  path: /^\/groups\/([^/]+)$/i,
  permissions,
  cost: { units: 1, writes: 0 },
  handle({ tenant, call, params: [id = ""] }) {
    const group = groupIn(tenant.groups.read(), id);
    const row = selectFrom({ ...group }, call.url.searchParams.get("$select"), properties, "group");
    return ok({ "@odata.context": metadata(call.url, "groups/$entity"), ...row });
  },
};

/** Graph docs: group-list; of its many filters only the one on `isAssignableToRole` is known here. */
export const listGroups: GraphEndpoint = {
  method: "GET",
  path: /^\/groups$/i,
  permissions,
  cost: { units: 1, writes: 0 },
  handle(context) {
    const { searchParams } = context.call.url;
    const filter = searchParams.get("$filter");
    const wanted = filter === null ? null : /^isAssignableToRole eq (true|false)$/i.exec(filter)?.[1];
    if (wanted === undefined) throw badRequest("Invalid filter clause");
    const rows = [...context.tenant.groups.read().values()]
      .filter(({ isAssignableToRole }) => wanted === null || String(isAssignableToRole) === wanted.toLowerCase())
      .map((group) => selectFrom({ ...group }, searchParams.get("$select"), properties, "group"));
    return page(context, "groups", rows);
  },
};

/** Graph docs: group-list-members. */
export const listGroupMembers: GraphEndpoint = {
  method: "GET",
  path: /^\/groups\/([^/]+)\/members$/i,
  permissions,
  cost: { units: 3, writes: 0 },
  handle: (context) => members(context, (_groups, group) => visible(context, group, [...group.memberIds])),
};

/** Graph docs: group-list-owners. */
export const listGroupOwners: GraphEndpoint = {
  method: "GET",
  path: /^\/groups\/([^/]+)\/owners$/i,
  permissions,
  cost: { units: 1, writes: 0 },
  handle: (context) => members(context, (_groups, group) => [...group.ownerIds]),
};

/** Graph docs: group-list-transitivemembers. */
export const listGroupTransitiveMembers: GraphEndpoint = {
  method: "GET",
  path: /^\/groups\/([^/]+)\/transitiveMembers$/i,
  permissions,
  cost: { units: 5, writes: 0 },
  handle: (context) =>
    members(context, (groups, group) => visible(context, group, transitiveMembersOf(groups, group.id))),
};

/** Hidden members are listed to whoever has Member.Read.Hidden (Graph docs: group-list-members). */
function visible({ permissions: held }: GraphContext, { hiddenMembership }: Group, ids: string[]): string[] {
  if (hiddenMembership === null || held.includes("Member.Read.Hidden")) return ids;
  if (hiddenMembership === "refused") throw denied();
  return [];
}

function members(
  context: GraphContext,
  choose: (groups: ReadonlyMap<string, Group>, group: Group) => string[],
): ReturnType<GraphEndpoint["handle"]> {
  const { tenant, call, params } = context;
  const groups = tenant.groups.read();
  const ids = choose(groups, groupIn(groups, params[0] ?? ""));
  const select = call.url.searchParams.get("$select");
  return page(
    context,
    "directoryObjects",
    ids.map((id) => memberRow(tenant, groups, id, select)),
  );
}

function memberRow(tenant: Tenant, groups: ReadonlyMap<string, Group>, id: string, select: string | null): Row {
  const group = groups.get(id);
  const user = tenant.users.primary.get(id);
  if (group)
    return { "@odata.type": "#microsoft.graph.group", ...selectFrom({ ...group }, select, properties, "group") };
  if (user) {
    return {
      "@odata.type": user.isAgent ? "#microsoft.graph.agentUser" : "#microsoft.graph.user",
      ...selectFrom(userRow(user), select, standardUserProperties, "user"),
    };
  }
  return { "@odata.type": `#microsoft.graph.${tenant.servicePrincipals.get(id) ?? "servicePrincipal"}`, id };
}

function groupIn(groups: ReadonlyMap<string, Group>, id: string): Group {
  const group = groups.get(id.toLowerCase());
  if (group === undefined) throw notFound(id);
  return group;
}
