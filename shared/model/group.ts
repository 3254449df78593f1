import { z } from "zod";
import { graphTime, maybe, text } from "../storage/rows.ts";
import { absenceSchema } from "./holding.ts";
import { groupEndSchema } from "./pending-revocation.ts";

const access = z.enum(["member", "owner"]);

/** What the head of a group's partition stores about the group itself. */
export const groupHeadSchema = z.object({
  assignableToRole: z.boolean(),
  /** Graph's time when the group's members and owners were last read; null before the first reading. */
  readAt: maybe(graphTime),
  /** After a failed read: Graph's time before which the members and owners are not read again. */
  notBefore: maybe(graphTime),
});
export type GroupHead = Readonly<z.infer<typeof groupHeadSchema>>;

/**
 * A membership or ownership of a watched group: one entry of the member snapshot. Times are Graph's.
 * A member who has left stays in it for a while, because a lagging replica may show them again.
 */
export const memberSchema = z.object({
  principalId: text,
  access,
  /** Of the row in PIM for Groups; null when only the directory shows the membership. */
  scheduleId: maybe(text),
  start: maybe(text),
  /** The latest end that PIM ever listed: an absence before it is unplanned. Null: permanent, or given outside PIM. */
  end: maybe(text),
  /** The end that PIM listed last: the next pass is planned by it. */
  listedEnd: maybe(text),
  /** Distinguishes one stay in the group from the next. */
  firstSeen: graphTime,
  absence: maybe(absenceSchema),
  /** Keys of the roles that the group held when the absence began. */
  carried: z.array(text).readonly(),
  overdueRaised: z.boolean(),
  /** `at`: when the end was established. `shownSince`: the first answer after it that shows the membership again; null while none does. */
  left: maybe(z.object({ at: graphTime, shownSince: maybe(graphTime) })),
});
export type Member = Readonly<z.infer<typeof memberSchema>> & {
  /** Number of the storage row that holds this member; one row holds at most `chunkSize`. */
  readonly chunk: number;
};

export const chunkSize = 500;

export const memberKey = ({ principalId, access }: Pick<Member, "principalId" | "access">): string =>
  `${principalId} ${access}`;

/** A group's end as each member's partition will store it. The key here is the group's; `revocationKey` in `group-losses.ts` makes the member's. */
export type GroupEnd = Readonly<z.infer<typeof groupEndSchema>>;

/** Ends still to be fanned out to members: committed with the loss that caused them, removed once each member's partition has its pending revocation. */
export const fanoutSchema = z.object({
  key: text,
  /** The only member concerned; null: every member of the snapshot. */
  member: maybe(z.object({ principalId: text, access, firstSeen: graphTime })),
  ends: z.array(groupEndSchema).readonly(),
  /** When the fan-out began; null before. A fan-out to every member begins once the group's present members are in the snapshot. */
  begunAt: maybe(graphTime),
  /** Ids of members who joined after the end: they lost nothing. */
  except: z.array(text).readonly(),
  /** Id of the last member reached, in the order of ids; null before the first. */
  position: maybe(text),
  reached: z.int(),
});
export type Fanout = Readonly<z.infer<typeof fanoutSchema>>;

/** The number of the storage row for each new member in turn: rows with room left first, then new ones. The generator never ends. */
export function* freeChunks(members: Iterable<Member>): Generator<number, never> {
  const held = new Map<number, number>();
  for (const { chunk } of members) held.set(chunk, (held.get(chunk) ?? 0) + 1);
  for (let chunk = 0; ; chunk += 1) {
    for (let count = held.get(chunk) ?? 0; count < chunkSize; count += 1) yield chunk;
  }
}
