import type { Assignment } from "../pim/assignment.ts";
import {
  adminAssign,
  adminRemove,
  extend,
  removeEligibility,
  removeOutsidePim,
  selfActivate,
  selfDeactivate,
} from "../pim/requests.ts";
import * as messages from "./messages.ts";
import { type ControlRoute, route } from "./route.ts";

/** What users and administrators do in PIM, and outside it. */
export const pimRoutes: readonly ControlRoute[] = [
  route("POST", /^\/pim\/activate$/, messages.activateSchema, ({ tenant }, body) => reply(selfActivate(tenant, body))),
  route("POST", /^\/pim\/assign$/, messages.assignSchema, ({ tenant }, body) => reply(adminAssign(tenant, body))),
  route("POST", /^\/pim\/extend$/, messages.extendSchema, ({ tenant }, body) =>
    reply(extend(tenant, body.scheduleId, body.bySeconds)),
  ),
  route("POST", /^\/pim\/deactivate$/, messages.scheduleSchema, ({ tenant }, body) =>
    selfDeactivate(tenant, body.scheduleId),
  ),
  route("POST", /^\/pim\/remove$/, messages.scheduleSchema, ({ tenant }, body) => adminRemove(tenant, body.scheduleId)),
  route("POST", /^\/pim\/remove-outside$/, messages.privilegeSchema, ({ tenant }, body) =>
    removeOutsidePim(tenant, body),
  ),
  route("POST", /^\/pim\/remove-eligibility$/, messages.privilegeSchema, ({ tenant }, body) =>
    removeEligibility(tenant, body),
  ),
];

function reply({ instance }: Assignment) {
  const { id, roleAssignmentScheduleId: scheduleId, startDateTime, endDateTime } = instance;
  return { id, scheduleId, startDateTime, endDateTime };
}
