import { z } from "zod";
import { groupsOf } from "../directory/groups.ts";
import { ok } from "../http/answer.ts";
import { jsonOf } from "../http/call.ts";
import type { GraphEndpoint } from "./endpoint.ts";
import { badRequest, notFound } from "./graph-error.ts";
import { metadata } from "./page.ts";
import { findUser } from "./users.ts";

const bodySchema = z.object({ securityEnabledOnly: z.boolean() });

/** Graph docs: directoryobject-getmembergroups. Transitive; reading only, so it costs no write. */
export const getMemberGroups: GraphEndpoint = {
  method: "POST",
  path: /^\/users\/([^/]+)\/(?:microsoft\.graph\.)?getMemberGroups$/i,
  permissions: [
    ["User.ReadBasic.All", "GroupMember.Read.All"],
    ["User.Read.All", "GroupMember.Read.All"],
    ["User.ReadBasic.All", "Group.Read.All"],
    ["User.Read.All", "Group.Read.All"],
    ["Directory.Read.All"],
  ],
  cost: { units: 2, writes: 0 },
  handle({ tenant, call, params: [id = ""] }) {
    const body = bodySchema.safeParse(jsonOf(call.text));
    if (!body.success) throw badRequest("The request body must hold securityEnabledOnly.");
    const user = findUser(tenant.users.read(), id);
    if (user === undefined) throw notFound(id);
    const groups = tenant.groups.read();
    const ids = [...groupsOf(groups, user.id)];
    const value = body.data.securityEnabledOnly ? ids.filter((id) => groups.get(id)?.securityEnabled) : ids;
    return ok({ "@odata.context": metadata(call.url, "Collection(Edm.String)"), value });
  },
};
