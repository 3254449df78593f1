import { addGroupMember, removeGroupMember } from "./change-members.ts";
import { listDirectoryAudits } from "./directory-audits.ts";
import type { GraphEndpoint } from "./endpoint.ts";
import { getMemberGroups } from "./get-member-groups.ts";
import { listGroupScheduleInstances } from "./group-schedule-instances.ts";
import { getGroup, listGroupMembers, listGroupOwners, listGroups, listGroupTransitiveMembers } from "./groups.ts";
import { revokeSignInSessions } from "./revoke-sign-in-sessions.ts";
import { listRoleAssignments } from "./role-assignments.ts";
import { getRoleDefinition, listRoleDefinitions } from "./role-definitions.ts";
import { listRoleScheduleInstances } from "./role-schedule-instances.ts";
import {
  createSubscription,
  deleteSubscription,
  getSubscription,
  listSubscriptions,
  reauthorizeSubscription,
  renewSubscription,
} from "./subscriptions.ts";
import { getManager, getUser } from "./users.ts";

/** Every operation that the simulated Graph knows, besides `$batch`. */
export const graphEndpoints: readonly GraphEndpoint[] = [
  listRoleScheduleInstances,
  listRoleAssignments,
  listRoleDefinitions,
  getRoleDefinition,
  getUser,
  getManager,
  revokeSignInSessions,
  getMemberGroups,
  listGroups,
  getGroup,
  listGroupMembers,
  listGroupOwners,
  addGroupMember,
  removeGroupMember,
  listGroupTransitiveMembers,
  listGroupScheduleInstances,
  listDirectoryAudits,
  createSubscription,
  listSubscriptions,
  getSubscription,
  renewSubscription,
  reauthorizeSubscription,
  deleteSubscription,
];
