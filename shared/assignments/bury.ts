import type { PrincipalReading } from "../graph/graph.ts";
import { isRole, type Obligation, type RoleObligation } from "../revocation/obligation.ts";
import { isDeniedByListAlone } from "./hidden-rows.ts";
import type { Timings } from "./timings.ts";
import type { Tombstone, Watch } from "./watch.ts";

export interface Ends {
  /** Ended in an answer of `date` (Graph's time, epoch milliseconds) with this `directory`. */
  readonly ended: readonly Watch[];
  readonly directory: PrincipalReading["directory"];
  readonly date: number;
  /** Told by the audit log alone. */
  readonly unwatched: readonly Obligation[];
  readonly isGroup: boolean;
}

/** The tombstones after what ended, without those that are so old that no replica shows their rows any more. Pure. */
export function buryAndForget(
  tombstones: ReadonlyMap<string, Tombstone>,
  { ended, directory, date, unwatched, isGroup }: Ends,
  timings: Timings,
): ReadonlyMap<string, Tombstone> {
  // A group's obligations lie with its members: only the tombstone keeps a permanent row's key, the same for ever, from being used again.
  const kept = [...tombstones].filter(
    ([, { endedAt, start }]) => date - endedAt < timings.tombstoneFor || (isGroup && start === null),
  );
  const added = ended
    .filter(({ source }) => source === "schedule")
    .map((watch): [string, Tombstone] => {
      const { key, scheduleId, start, end, generation, roleDefinitionId } = watch;
      const tombstone = { key, scheduleId, start, end, generation, endedAt: date, shownSince: null, roleDefinitionId };
      const isByListAlone = isDeniedByListAlone(watch, directory, date, timings);
      return [key, isByListAlone ? { ...tombstone, byListAlone: true } : tombstone];
    });
  const told = isGroup ? unwatched.filter(isRole).map(buryUnwatched) : [];
  return new Map([...kept, ...added, ...told]);
}

/** A group's obligation is passed on and gone: that the audit log told of this end must be known when it tells of it again. */
const buryUnwatched = ({ key, cutOff, roleDefinitionId }: RoleObligation): [string, Tombstone] => [
  key,
  { key, scheduleId: "", start: null, end: null, generation: 0, endedAt: cutOff, shownSince: null, roleDefinitionId },
];
