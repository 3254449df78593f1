import { z } from "zod";
import { addToGroup, removeFromGroup } from "../directory/groups.ts";
import { jsonOf } from "../http/call.ts";
import { Refusal } from "../refusal.ts";
import { anyOf, type GraphEndpoint } from "./endpoint.ts";
import { badRequest, notFound } from "./graph-error.ts";

const permissions = anyOf("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All");
const noContent = { status: 204, headers: {}, body: undefined };
const reference = z.object({ "@odata.id": z.string().regex(/\/directoryObjects\/[0-9a-f-]{36}$/i) });

/** Graph docs: group-post-members. Who is a member already is a 400. */
export const addGroupMember: GraphEndpoint = {
  method: "POST",
  path: /^\/groups\/([^/]+)\/members\/\$ref$/i,
  permissions,
  cost: { units: 1, writes: 1 },
  handle({ tenant, call, params: [id = ""] }) {
    const body = reference.safeParse(jsonOf(call.text));
    if (!body.success) throw badRequest("Invalid object identifier.");
    const memberId = body.data["@odata.id"].split("/").at(-1) ?? "";
    return asGraph(() => addToGroup(tenant, id.toLowerCase(), memberId.toLowerCase(), "member"));
  },
};

/** Graph docs: group-delete-members. */
export const removeGroupMember: GraphEndpoint = {
  method: "DELETE",
  path: /^\/groups\/([^/]+)\/members\/([^/]+)\/\$ref$/i,
  permissions,
  cost: { units: 1, writes: 1 },
  handle: ({ tenant, params: [id = "", memberId = ""] }) =>
    asGraph(() => removeFromGroup(tenant, id.toLowerCase(), memberId.toLowerCase(), "member")),
};

function asGraph(act: () => void) {
  try {
    act();
    return noContent;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw error.status === 404 ? notFound("that of the path") : badRequest(error.message);
  }
}
