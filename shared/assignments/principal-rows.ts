import { z } from "zod";
import { fanoutSchema, memberSchema } from "../model/group.ts";
import { endedHoldingSchema, holdingSchema } from "../model/holding.ts";
import {
  accessObligationSchema,
  attemptSchema,
  roleObligationSchema,
  ruleObligationSchema,
} from "../model/pending-revocation.ts";
import { headSchema } from "../model/principal.ts";
import { optional, stored, text } from "./row-schema.ts";

/** Row keys: one head, at most one attempt, and a row for each of the rest. */
export const headRow = "head";
export const attemptRow = "attempt";
export const holdingPrefix = "holding|";
export const endedPrefix = "ended|";
export const obligationPrefix = "obligation|";
export const membersPrefix = "members|";
export const fanoutPrefix = "fanout|";

/** How a principal's rows look in storage. */
export const rows = {
  /** `attempt`: id of the attempt in its own row. Whoever takes that row away does not end the lease. */
  head: stored(headSchema).extend({ attempt: optional(text) }),
  attempt: stored(attemptSchema),
  holding: stored(holdingSchema),
  ended: stored(endedHoldingSchema),
  roleObligation: stored(roleObligationSchema),
  accessObligation: stored(accessObligationSchema),
  ruleObligation: stored(ruleObligationSchema),
  members: z.object({ schema: z.literal(1), members: z.array(memberSchema) }),
  fanout: stored(fanoutSchema),
};
