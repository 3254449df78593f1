import { z } from "zod";
import { hiddenMemberships } from "../directory/groups.ts";
import { historyEventSchema } from "../history-events.ts";
import { envelopeSchema } from "../insights/envelope.ts";
import { tokenFlaws } from "../notifications/notification-settings.ts";
import { probedResources } from "../notifications/target.ts";
import { servicePrincipalKinds, storeNames } from "../tenant.ts";

/** What the control API takes and gives. The server parses with these, and so does the client. */
const guid = z.guid().transform((id) => id.toLowerCase());
const seconds = z.number().positive();
const milliseconds = z.number().nonnegative();
const share = z.number().min(0).max(1);

export const removalSchema = z.strictObject({
  delayMs: z.exactOptional(milliseconds),
  listAfterMs: z.exactOptional(milliseconds),
  directoryAfterMs: z.exactOptional(milliseconds),
});

const privilege = {
  principalId: guid,
  roleDefinitionId: guid,
  directoryScopeId: z.string().startsWith("/").default("/"),
};

export const userSchema = z.strictObject({
  id: guid.optional(),
  name: z.string().min(1),
  kind: z.enum(["member", "guest", "externalMember", "agentUser"]).default("member"),
  mail: z.string().optional(),
  otherMails: z.array(z.string()).optional(),
  managerId: guid.optional(),
});
export const userChangeSchema = z.union([
  z.strictObject({ accountEnabled: z.boolean() }),
  z.strictObject({ userType: z.enum(["Member", "Guest"]) }),
  z.strictObject({ isManagementRestricted: z.boolean() }),
]);
export const servicePrincipalSchema = z.strictObject({
  id: guid.optional(),
  kind: z.enum(servicePrincipalKinds).default("servicePrincipal"),
});
export const groupSchema = z.strictObject({
  id: guid.optional(),
  name: z.string().min(1),
  isAssignableToRole: z.boolean().default(false),
  securityEnabled: z.boolean().default(true),
  hiddenMembership: z.enum(hiddenMemberships).nullable().default(null),
});
export const memberSchema = z.strictObject({ memberId: guid });
export const roleSchema = z.strictObject({ id: guid.optional(), name: z.string().min(1) });
export const privilegeSchema = z.strictObject(privilege);
export const activateSchema = z.strictObject({
  ...privilege,
  durationSeconds: seconds,
  removal: removalSchema.default({}),
  /** What the user writes when they activate. */
  form: z.strictObject({ justification: z.string(), ticketNumber: z.string() }).optional(),
});
export const assignSchema = z.strictObject({
  ...privilege,
  durationSeconds: seconds.nullable().default(null),
  removal: removalSchema.default({}),
});
export const extendSchema = z.strictObject({ scheduleId: z.string(), bySeconds: seconds });
export const scheduleSchema = z.strictObject({ scheduleId: z.string() });
export const startGroupAccessSchema = z.strictObject({
  groupId: guid,
  principalId: guid,
  accessId: z.enum(["member", "owner"]).default("member"),
  assignmentType: z.enum(["assigned", "activated"]).default("activated"),
  durationSeconds: seconds.nullable().default(null),
  removal: removalSchema.default({}),
});
export const endGroupAccessSchema = z.strictObject({
  scheduleId: z.string(),
  reason: z.enum(["deactivated", "removed"]),
});
export const clockSchema = z.strictObject({
  scale: z.number().nonnegative().max(1_000_000).optional(),
  jumpMs: milliseconds.optional(),
});
export const replicationSchema = z.strictObject({
  store: z.enum(storeNames),
  lagsMs: z.exactOptional(z.array(milliseconds).min(1)),
  force: z.exactOptional(z.number().int().nonnegative().nullable()),
});
export const replicaSchema = z.strictObject({ store: z.enum(storeNames), replica: z.number().int().nonnegative() });
const when = z.enum(["beforeEffect", "afterEffect"]).default("beforeEffect");
const faultKindSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("status"),
    when,
    /** One of these, at random. */
    statuses: z.array(z.number().int().min(400).max(599)).min(1),
    /** Sent with 429 and 503. */
    retryAfterSeconds: z.number().positive().nullable().default(null),
    code: z.string().nullable().default(null),
  }),
  z.strictObject({ kind: z.literal("latency"), when, milliseconds }),
  z.strictObject({ kind: z.literal("drop"), when }),
  z.strictObject({ kind: z.literal("hang"), when }),
  z.strictObject({ kind: z.literal("truncate"), when: z.literal("afterEffect").default("afterEffect") }),
]);
export const faultSchema = z.strictObject({
  method: z.string().toUpperCase().nullable().default(null),
  path: z.string().refine(isRegExp, "expected a regular expression"),
  rate: share.default(1),
  count: z.number().int().positive().nullable().default(null),
  skip: z.number().int().nonnegative().default(0),
  fault: faultKindSchema,
});
const notificationsSchema = z
  .strictObject({
    delayMs: milliseconds,
    reorderMs: milliseconds,
    copies: z.number().int().positive(),
    lostShare: share,
    batchMs: milliseconds,
    largestBatch: z.number().int().positive(),
    validationTokens: z.enum(["none", "v1", "v2"]),
    tokenFlaw: z.enum(tokenFlaws),
    firstAttemptMs: milliseconds,
    retryAttemptMs: milliseconds,
    validationMs: milliseconds,
    firstRetryMs: z.number().positive(),
    retryForMs: milliseconds,
    throttleAfter: z.number().int().positive(),
    accessTokenSeconds: seconds.nullable(),
    subscriptionsPerApp: z.number().int().nonnegative(),
    subscriptionsPerTenant: z.number().int().nonnegative(),
    unsupported: z.enum(["refuse", "accept"]),
    offered: z.array(
      z.string().refine((name) => name.toLowerCase() in probedResources, "expected a resource that can be probed"),
    ),
    tooLong: z.enum(["refuse", "shorten"]),
  })
  .partial();
export const settingsSchema = z
  .strictObject({
    removal: removalSchema,
    minimumActiveSeconds: z.number().nonnegative(),
    pageSize: z.number().int().positive().max(999),
    pageTokenSeconds: z.number().nonnegative().nullable(),
    permissions: z.array(z.string()),
    permissionsApplyAtOnce: z.boolean(),
    appTokenSeconds: z.number().int().positive(),
    licensed: z.boolean(),
    groupRolesListed: z.enum(["once", "perMember"]),
    quotas: z
      .strictObject({
        resourceUnitsPer10Seconds: z.number().positive(),
        writesPer150Seconds: z.number().positive(),
        reportsPer10Seconds: z.number().int().positive(),
      })
      .partial(),
    audit: z
      .strictObject({
        queryableAfterMs: milliseconds,
        streamedAfterMs: milliseconds,
        lateShare: share,
        lateByMs: milliseconds,
        doubledShare: share,
        pimRowAfterMs: milliseconds,
        offered: z.boolean(),
      })
      .partial(),
    notifications: notificationsSchema,
  })
  .partial();
export const signInSchema = z.strictObject({ userId: guid, client: z.string().min(1), cae: z.boolean() });
export const operatorSchema = z.strictObject({ roles: z.array(z.string()), objectId: guid.optional() });
export const lifecycleSchema = z.strictObject({
  lifecycleEvent: z.enum(["reauthorizationRequired", "subscriptionRemoved", "missed"]),
});
export const appSchema = z.strictObject({ id: guid.optional() });
export const emptySchema = z.strictObject({});

export const idReply = z.object({ id: z.string() });
export const assignmentReply = z.object({
  id: z.string(),
  scheduleId: z.string(),
  startDateTime: z.string().nullable(),
  endDateTime: z.string().nullable(),
});
export const clockReply = z.object({ now: z.string(), scale: z.number() });
export const tokensReply = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.number(),
  expiresAt: z.string(),
});
export const operatorReply = z.object({ accessToken: z.string(), objectId: z.string() });
export const appReply = z.object({ appId: z.string(), identityHeader: z.string() });
export const subscriptionsReply = z.object({
  subscriptions: z.array(
    z.object({
      id: z.string(),
      applicationId: z.string(),
      resource: z.string(),
      changeType: z.string(),
      clientState: z.string().nullable(),
      notificationUrl: z.string(),
      lifecycleNotificationUrl: z.string().nullable(),
      expirationDateTime: z.string(),
      /** Null: it never lapses. */
      authorizedUntil: z.string().nullable(),
    }),
  ),
});
/** `records` is the body of an event; `last` is what to ask after next. */
export const auditEnvelopesReply = z.object({ records: z.array(z.unknown()), last: z.number() });
export const telemetryReply = z.object({ envelopes: z.array(envelopeSchema), last: z.number() });
export const historyReply = z.object({ events: z.array(historyEventSchema) });
export const doneReply = z.object({});

function isRegExp(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
