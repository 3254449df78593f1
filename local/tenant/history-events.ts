import { z } from "zod";

const stamp = { seq: z.number(), at: z.string() };
const role = {
  principalId: z.string(),
  roleDefinitionId: z.string(),
  directoryScopeId: z.string(),
  scheduleId: z.string(),
};
const end = { endDateTime: z.string().nullable() };
const call = { method: z.string(), path: z.string() };
const client = { userId: z.string(), client: z.string(), cae: z.boolean() };
const accessId = z.enum(["member", "owner"]);
const membership = { groupId: z.string(), memberId: z.string(), access: accessId };
const subscriptionId = z.string();
const notification = z.number();
const request = {
  url: z.string(),
  kind: z.enum(["change", "lifecycle"]),
  attempt: z.number(),
  /** Numbers and subscriptions of what it carried, in its order. */
  notifications: z.array(notification),
  subscriptionIds: z.array(subscriptionId),
  /** 0: no answer. */
  status: z.number(),
  /** Real milliseconds. */
  tookMs: z.number(),
};
const trusted = { subscriptionId, expirationDateTime: z.string(), tooSoon: z.boolean() };
const groupAccess = { groupId: z.string(), principalId: z.string(), accessId, scheduleId: z.string() };

/** Everything the history can hold. `at` is the tenant's time; `seq` orders what happened within one millisecond. */
export const historyEventSchema = z.discriminatedUnion("event", [
  z.object({ ...stamp, event: z.literal("roleStarted"), ...role, assignmentType: z.string(), ...end }),
  z.object({ ...stamp, event: z.literal("roleExtended"), ...role, ...end }),
  z.object({
    ...stamp,
    event: z.literal("roleEnded"),
    ...role,
    reason: z.enum(["expired", "deactivated", "removed", "removedOutsidePim", "principalDeleted"]),
  }),
  z.object({
    ...stamp,
    event: z.literal("roleRemoved"),
    ...role,
    store: z.enum(["list", "directory"]),
    /** `first`: the first replica no longer shows it. `last`: none does. */
    shown: z.enum(["first", "last"]),
  }),
  /** The assignment ended, but another one of the same privilege keeps the directory row. */
  z.object({ ...stamp, event: z.literal("directoryKept"), ...role }),
  z.object({
    ...stamp,
    event: z.literal("revokeAccepted"),
    userId: z.string(),
    appId: z.string(),
    /** False for guests and external members: their home tenant owns the session. */
    effective: z.boolean(),
    validFrom: z.string(),
  }),
  /** `status` 0 means that the connection was dropped before the call took effect. */
  z.object({ ...stamp, event: z.literal("revokeRefused"), userId: z.string(), status: z.number() }),
  z.object({ ...stamp, event: z.literal("signedIn"), ...client }),
  z.object({
    ...stamp,
    event: z.literal("tokenIssued"),
    ...client,
    by: z.enum(["signIn", "refresh"]),
    wids: z.array(z.string()),
    groups: z.array(z.string()),
    expiresAt: z.string(),
  }),
  z.object({ ...stamp, event: z.literal("refreshRefused"), ...client, error: z.string() }),
  z.object({
    ...stamp,
    event: z.literal("resourceCalled"),
    resource: z.string(),
    userId: z.string().nullable(),
    client: z.string().nullable(),
    status: z.number(),
    reason: z.enum(["allowed", "noRole", "badToken", "expired", "claimsChallenge"]),
  }),
  /** `applied` is false when the endpoint was never reached or said no; `status` 0 is a dropped connection. */
  z.object({
    ...stamp,
    event: z.literal("graphCalled"),
    ...call,
    status: z.number(),
    applied: z.boolean(),
    inBatch: z.boolean(),
  }),
  z.object({ ...stamp, event: z.literal("faultApplied"), ...call, kind: z.string(), when: z.string() }),
  z.object({ ...stamp, event: z.literal("throttled"), ...call, information: z.string() }),
  z.object({ ...stamp, event: z.literal("appTokenIssued"), permissions: z.array(z.string()) }),
  z.object({ ...stamp, event: z.literal("userChanged"), userId: z.string(), change: z.string() }),
  z.object({ ...stamp, event: z.literal("groupAccessStarted"), ...groupAccess, ...end }),
  z.object({ ...stamp, event: z.literal("groupAccessExtended"), ...groupAccess, ...end }),
  z.object({
    ...stamp,
    event: z.literal("groupAccessEnded"),
    ...groupAccess,
    reason: z.enum(["expired", "deactivated", "removed"]),
  }),
  /** Gone from PIM's list; `groupMemberRemoved` is about the membership itself. */
  z.object({ ...stamp, event: z.literal("groupAccessRemoved"), ...groupAccess, shown: z.enum(["first", "last"]) }),
  z.object({ ...stamp, event: z.literal("groupMemberAdded"), ...membership }),
  z.object({ ...stamp, event: z.literal("groupMemberRemoved"), ...membership, shown: z.enum(["first", "last"]) }),
  z.object({
    ...stamp,
    event: z.literal("endpointValidated"),
    url: z.string(),
    outcome: z.enum(["valid", "wrongAnswer", "timeout", "unreachable"]),
    status: z.number(),
    tookMs: z.number(),
  }),
  z.object({
    ...stamp,
    event: z.literal("subscriptionCreated"),
    subscriptionId,
    applicationId: z.string(),
    resource: z.string(),
    changeType: z.string(),
    notificationUrl: z.string(),
    expirationDateTime: z.string(),
  }),
  z.object({
    ...stamp,
    event: z.literal("subscriptionRefused"),
    applicationId: z.string(),
    resource: z.string(),
    status: z.number(),
    code: z.string(),
  }),
  /** `tooSoon`: renewed and reauthorized within ten minutes, which the documents forbid. */
  z.object({ ...stamp, event: z.literal("subscriptionRenewed"), ...trusted }),
  z.object({ ...stamp, event: z.literal("subscriptionReauthorized"), ...trusted }),
  z.object({ ...stamp, event: z.literal("subscriptionDeleted"), subscriptionId }),
  z.object({ ...stamp, event: z.literal("subscriptionExpired"), subscriptionId }),
  /** The tenant forgot it and notifies nobody. */
  z.object({ ...stamp, event: z.literal("subscriptionLost"), subscriptionId }),
  z.object({
    ...stamp,
    event: z.literal("notificationCreated"),
    notification,
    subscriptionId,
    resource: z.string(),
    changeType: z.string(),
    /** The group, user or row that changed. */
    objectId: z.string(),
  }),
  z.object({
    ...stamp,
    event: z.literal("lifecycleCreated"),
    notification,
    subscriptionId,
    lifecycleEvent: z.string(),
  }),
  z.object({ ...stamp, event: z.literal("notificationDelivered"), ...request }),
  z.object({
    ...stamp,
    event: z.literal("notificationRefused"),
    ...request,
    reason: z.enum(["status", "timeout", "unreachable"]),
  }),
  z.object({
    ...stamp,
    event: z.literal("notificationDropped"),
    notification,
    subscriptionId,
    reason: z.enum(["lost", "endpointDropped", "subscriptionGone", "retriesExhausted"]),
  }),
  z.object({
    ...stamp,
    event: z.literal("notificationPaused"),
    notification,
    subscriptionId,
    reason: z.enum(["tokenLapsed", "permissionRevoked"]),
  }),
  z.object({
    ...stamp,
    event: z.literal("endpointThrottled"),
    endpoint: z.string(),
    state: z.enum(["slow", "drop"]),
    until: z.string(),
  }),
]);

export type HistoryEvent = z.infer<typeof historyEventSchema>;
type Unstamped<E> = E extends HistoryEvent ? Omit<E, "seq" | "at"> : never;
/** An event before the history gave it its number and time. */
export type Happening = Unstamped<HistoryEvent>;
