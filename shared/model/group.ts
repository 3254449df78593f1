import { z } from "zod";
import { graphTime, maybe, text } from "../storage/rows.ts";
import { absenceSchema } from "./holding.ts";
import { groupEndSchema } from "./pending-revocation.ts";

const access = z.enum(["member", "owner"]);

/** What the head of a group's partition knows of the group itself. */
export const groupHeadSchema = z.object({
  assignableToRole: z.boolean(),
  /** Graph's time of the last answers about its members and owners; null before the first. */
  readAt: maybe(graphTime),
  /** Graph's time before which they are not read again, after a read that failed. */
  notBefore: maybe(graphTime),
});
export type GroupHead = Readonly<z.infer<typeof groupHeadSchema>>;

/**
 * A membership or ownership of a watched group: a row of the snapshot. Times are Graph's.
 * Who has left stays for a while, because a lagging replica may show them again.
 */
export const memberSchema = z.object({
  principalId: text,
  access,
  /** As PIM for Groups lists it; null when only the directory does. */
  scheduleId: maybe(text),
  start: maybe(text),
  /** The latest end that PIM ever listed: only from here on is an absence planned. Null = permanent or not PIM's. */
  end: maybe(text),
  /** The end as last listed, for knowing when the next pass is due. */
  listedEnd: maybe(text),
  /** Tells one stay in the group from the next. */
  firstSeen: graphTime,
  absence: maybe(absenceSchema),
  /** Keys of the roles that the group held when the run of absences began. */
  carried: z.array(text).readonly(),
  overdueRaised: z.boolean(),
  /** When the end was established, and the first of the answers since then that show it again; null while none does. */
  left: maybe(z.object({ at: graphTime, shownSince: maybe(graphTime) })),
});
export type Member = Readonly<z.infer<typeof memberSchema>> & {
  /** Which row of storage holds it: at most `chunkSize` each. */
  readonly chunk: number;
};

export const chunkSize = 500;

export const memberKey = ({ principalId, access }: Pick<Member, "principalId" | "access">): string =>
  `${principalId} ${access}`;

/** An end as it will stand in each member's partition; its key is the group's: see `revocationKey` of `member-losses.ts`. */
export type GroupEnd = Readonly<z.infer<typeof groupEndSchema>>;

/** Ends that are still to be fanned out to members: committed with what caused them, removed when every pending revocation is in its partition. */
export const fanoutSchema = z.object({
  key: text,
  /** The one whom they concern; null: every member of the snapshot. */
  member: maybe(z.object({ principalId: text, access, firstSeen: graphTime })),
  ends: z.array(groupEndSchema).readonly(),
  /** For every member: when those who are in the group by now had been added to the snapshot. Null: not yet, the fan-out has not begun. */
  begunAt: maybe(graphTime),
  /** Members who joined after the end. */
  except: z.array(text).readonly(),
  /** The last member that was reached, in the order of ids; null before the first. */
  position: maybe(text),
  reached: z.int(),
});
export type Fanout = Readonly<z.infer<typeof fanoutSchema>>;

/** The rows of storage into which new members go, one after the other: first those with room left. Never ends. */
export function* freeChunks(members: Iterable<Member>): Generator<number, never> {
  const held = new Map<number, number>();
  for (const { chunk } of members) held.set(chunk, (held.get(chunk) ?? 0) + 1);
  for (let chunk = 0; ; chunk += 1) {
    for (let count = held.get(chunk) ?? 0; count < chunkSize; count += 1) yield chunk;
  }
}
