import { z } from "zod";
import { thresholdMarks } from "../revocation/obligation.ts";

const time = z.number();
const access = z.enum(["member", "owner"]);

/** How the rows that only groups have look in storage. */
export const groupHeadSchema = z.object({
  assignableToRole: z.boolean(),
  readAt: time.nullable(),
  notBefore: time.nullable(),
});

const memberSchema = z.object({
  principalId: z.string(),
  access,
  scheduleId: z.string().nullable(),
  start: z.string().nullable(),
  end: z.string().nullable(),
  listedEnd: z.string().nullable(),
  firstSeen: time,
  absence: z
    .object({ since: time, last: time, sessionsValidFrom: time.nullable(), after: z.exactOptional(time) })
    .nullable(),
  carried: z.array(z.string()),
  overdueRaised: z.boolean(),
  left: z.object({ at: time, shownSince: time.nullable() }).nullable(),
});

export const membersSchema = z.object({ schema: z.literal(1), members: z.array(memberSchema) });

const facts = {
  key: z.string(),
  end: z.enum(["expired", "deactivated", "removed", "unknown"]),
  planned: z.boolean(),
  startDateTime: z.string().nullable(),
  endDateTime: z.string().nullable(),
  unseenSince: time,
  shownAt: z.exactOptional(time),
  cutOff: time,
  lastHeld: time,
  confirmed: z.boolean(),
  foundBy: z.string(),
  foundAt: time,
  through: z.object({ groupId: z.string(), ended: z.enum(["role", "access", "either"]) }),
  threshold: z.exactOptional(z.enum(thresholdMarks)),
  audited: z.exactOptional(z.literal(true)),
};

const endSchema = z.union([
  z.object({ ...facts, roleDefinitionId: z.string(), directoryScopeId: z.string(), appScopeId: z.string() }),
  z.object({ ...facts, groupId: z.string(), access }),
]);

export const fanoutSchema = z.object({
  schema: z.literal(1),
  key: z.string(),
  member: z.object({ principalId: z.string(), access, firstSeen: time }).nullable(),
  ends: z.array(endSchema),
  begunAt: time.nullable(),
  except: z.array(z.string()),
  position: z.string().nullable(),
  told: z.int(),
});

export const membersPrefix = "members|";
export const fanoutPrefix = "fanout|";
