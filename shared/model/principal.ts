import { z } from "zod";
import { graphTime, maybe, optional, storageTime, text } from "../assignments/row-schema.ts";
import { toldEndSchema } from "../assignments/told-end.ts";
import { runSchema } from "../detection/run.ts";
import { type Fanout, groupHeadSchema, type Member } from "./group.ts";
import type { EndedHolding, Holding } from "./holding.ts";
import type { Attempt, Obligation } from "./pending-revocation.ts";

/** Everything we know of one principal: one partition. Immutable; the core makes the next one and the commit writes the difference. */
export interface PrincipalState {
  readonly principalId: string;
  readonly head: Head;
  readonly holdings: ReadonlyMap<string, Holding>;
  readonly ended: ReadonlyMap<string, EndedHolding>;
  readonly obligations: ReadonlyMap<string, Obligation>;
  readonly attempt: Attempt | null;
  /** Of a group: who is in it, by `memberKey`, and the ends that its members have yet to be told. */
  readonly members: ReadonlyMap<string, Member>;
  readonly fanouts: ReadonlyMap<string, Fanout>;
}

/** One per principal: every commit of its partition is conditional on it. */
export const headSchema = z.object({
  /** `unknown` until `/users/{id}` or `/groups/{id}` has answered once: a 404 may be a service principal or a slow replica. */
  kind: z.enum(["unknown", "user", "externalUser", "group"]),
  /** Only of groups. */
  group: optional(groupHeadSchema),
  /** What the list should show of this principal if nothing has changed (`listedRows`): the resync compares. */
  listed: z.array(text).readonly(),
  /** Storage's time for which a queue message is on its way; null when there is nothing to wait for. */
  wakeAt: maybe(storageTime),
  /** The same of one that comes long after that; absent when none is known. */
  laterWakeAt: optional(storageTime),
  /** The latest known end for which a backup was sent, Graph's time (see `backup.ts`); absent before the first. */
  backupFor: optional(graphTime),
  /** Graph's time when the oldest obligation without an outcome was found; null when there is none. */
  openSince: maybe(graphTime),
  /** How many of its obligations the revocation threshold holds; absent when none. */
  held: optional(z.int()),
  /** How many of them are so old that an operator has to look at them; absent when none. */
  inReview: optional(z.int()),
  /** What Graph's audit log told of it and no pass has judged yet; absent when nothing. */
  told: optional(z.array(toldEndSchema).readonly()),
  /** Until when at the latest an access token without CAE may outlive a revoke, Graph's time; absent when nothing was revoked. */
  exposedUntil: optional(graphTime),
  /** The run of 404s for this principal, who is no group; absent while Graph finds it. */
  missing: optional(runSchema),
  /** Failed reads after a planned end: storage's time of the first and the last. */
  unreadable: maybe(z.object({ since: storageTime, last: storageTime, raised: z.boolean() })),
});
export type Head = Readonly<z.infer<typeof headSchema>>;

export const emptyHead: Head = {
  kind: "unknown",
  listed: [],
  wakeAt: null,
  openSince: null,
  unreadable: null,
};

export const emptyState = (principalId: string): PrincipalState => ({
  principalId,
  head: emptyHead,
  holdings: new Map(),
  ended: new Map(),
  obligations: new Map(),
  attempt: null,
  members: new Map(),
  fanouts: new Map(),
});
