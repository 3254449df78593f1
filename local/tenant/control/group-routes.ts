import { addToGroup, createGroup, removeFromGroup } from "../directory/groups.ts";
import { endGroupAccess, extendGroupAccess, type GroupAssignment, startGroupAccess } from "../pim/group-access.ts";
import * as messages from "./messages.ts";
import { type ControlRoute, route } from "./route.ts";

/** Groups, who is in them, and PIM for Groups. */
export const groupRoutes: readonly ControlRoute[] = [
  route("POST", /^\/groups$/, messages.groupSchema, ({ tenant }, body) => ({ id: createGroup(tenant, body).id })),
  route("POST", /^\/groups\/([^/]+)\/members$/, messages.memberSchema, ({ tenant, params: [id = ""] }, body) =>
    addToGroup(tenant, id, body.memberId, "member"),
  ),
  route("DELETE", /^\/groups\/([^/]+)\/members\/([^/]+)$/, messages.emptySchema, ({ tenant, params }) =>
    removeFromGroup(tenant, params[0] ?? "", params[1] ?? "", "member"),
  ),
  route("POST", /^\/groups\/([^/]+)\/owners$/, messages.memberSchema, ({ tenant, params: [id = ""] }, body) =>
    addToGroup(tenant, id, body.memberId, "owner"),
  ),
  route("DELETE", /^\/groups\/([^/]+)\/owners\/([^/]+)$/, messages.emptySchema, ({ tenant, params }) =>
    removeFromGroup(tenant, params[0] ?? "", params[1] ?? "", "owner"),
  ),
  route("POST", /^\/pim-groups\/start$/, messages.startGroupAccessSchema, ({ tenant }, body) =>
    reply(startGroupAccess(tenant, body)),
  ),
  route("POST", /^\/pim-groups\/extend$/, messages.extendSchema, ({ tenant }, body) =>
    reply(extendGroupAccess(tenant, body.scheduleId, body.bySeconds)),
  ),
  route("POST", /^\/pim-groups\/end$/, messages.endGroupAccessSchema, ({ tenant }, body) =>
    endGroupAccess(tenant, body.scheduleId, body.reason),
  ),
];

function reply({ instance }: GroupAssignment) {
  const { id, assignmentScheduleId: scheduleId, startDateTime, endDateTime } = instance;
  return { id, scheduleId, startDateTime, endDateTime };
}
