import { z } from "zod";
import { groupHeadSchema } from "../groups/group-rows.ts";
import { outcomes, thresholdMarks } from "../revocation/obligation.ts";
import { toldEndSchema } from "./told-end.ts";

/** How a principal's rows look in storage. `schema` is raised when a row changes in a way that older code would misread. */
const version = z.literal(1);
const time = z.number();
const text = z.string();
const maybe = <T extends z.ZodType>(type: T) => type.nullable();

const privilege = { roleDefinitionId: text, directoryScopeId: text, appScopeId: text };

export const headSchema = z.object({
  schema: version,
  kind: z.enum(["unknown", "user", "externalUser", "group"]),
  group: z.exactOptional(groupHeadSchema),
  listed: z.array(text),
  wakeAt: maybe(time),
  laterWakeAt: z.exactOptional(time),
  backupFor: z.exactOptional(time),
  openSince: maybe(time),
  held: z.exactOptional(z.int()),
  inReview: z.exactOptional(z.int()),
  told: z.exactOptional(z.array(toldEndSchema)),
  /** Id of the attempt in its own row: whoever takes that row away does not end the lease. */
  attempt: z.exactOptional(text),
  missingSince: z.exactOptional(time),
  exposedUntil: z.exactOptional(time),
  unexplained: z.record(text, time),
  unexplainedAt: z.exactOptional(time),
  unreadable: maybe(z.object({ since: time, last: time, raised: z.boolean() })),
});

export const watchSchema = z.object({
  schema: version,
  ...privilege,
  key: text,
  source: z.enum(["schedule", "directory", "groupPath", "inherited"]),
  scheduleId: text,
  groupId: maybe(text),
  start: maybe(text),
  end: maybe(text),
  listedEnd: maybe(text),
  activated: z.boolean(),
  generation: z.int(),
  firstSeen: time,
  unlistedSince: maybe(time),
  hidden: maybe(z.object({ since: time, last: time })).default(null),
  absence: maybe(z.object({ since: time, last: time, sessionsValidFrom: maybe(time), after: z.exactOptional(time) })),
  overdueRaised: z.boolean(),
  seenToEnd: z.boolean().default(false),
});

export const tombstoneSchema = z.object({
  schema: version,
  key: text,
  scheduleId: text,
  start: maybe(text),
  end: maybe(text),
  generation: z.int(),
  endedAt: time,
  shownSince: maybe(time),
  roleDefinitionId: z.exactOptional(text),
  byListAlone: z.exactOptional(z.boolean()),
});

const progressSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("pending"), notBefore: maybe(time), heldBy: maybe(text), missingSince: maybe(time) }),
  z.object({ state: z.literal("accepted"), acceptedAt: time }),
  z.object({
    state: z.literal("closed"),
    outcome: z.enum(outcomes),
    closedAt: time,
    acceptedAt: maybe(time),
    verified: z.boolean(),
    detail: maybe(text),
    outlives: z.exactOptional(z.object({ accessTokensUntil: time, caeUntil: time, appSessionsUntil: z.null() })),
  }),
]);

const through = z.object({ groupId: text, ended: z.enum(["role", "access", "either"]) });

const obligation = {
  key: text,
  end: z.enum(["expired", "deactivated", "removed", "unknown"]),
  planned: z.boolean(),
  startDateTime: maybe(text),
  endDateTime: maybe(text),
  unseenSince: time,
  shownAt: z.exactOptional(time),
  cutOff: time,
  sessionsValidFromBefore: maybe(time),
  lastHeld: time,
  confirmed: z.boolean(),
  foundBy: text,
  foundAt: time,
  progress: progressSchema,
  threshold: z.exactOptional(z.enum(thresholdMarks)),
  approved: z.exactOptional(text),
  audited: z.exactOptional(z.literal(true)),
};

export const roleObligationSchema = z.object({
  schema: version,
  ...privilege,
  ...obligation,
  through: z.exactOptional(through),
});
export const accessObligationSchema = z.object({
  schema: version,
  ...obligation,
  groupId: text,
  access: z.enum(["member", "owner"]),
  through,
});
export const ruleObligationSchema = z.object({ schema: version, ...obligation, activity: text });

export const attemptSchema = z.object({
  schema: version,
  id: text,
  state: z.enum(["open", "accepted", "refused", "uncertain"]),
  covers: z.array(text),
  uncertainSince: maybe(time),
});

/** Row keys: one head, at most one attempt, and a row for each of the rest. */
export const headRow = "head";
export const attemptRow = "attempt";
export const watchPrefix = "watch|";
export const tombstonePrefix = "tombstone|";
export const obligationPrefix = "obligation|";
