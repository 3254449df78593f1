import { rowKey } from "../base/keys.ts";
import { type Owed, toObligation } from "../detection/member-losses.ts";
import type { Fanout, Member } from "../model/group.ts";
import type { PrincipalState } from "../model/principal.ts";

/** The next members to be told, and what is left to tell when they have been. */
export interface FanoutPage {
  readonly owed: readonly Owed[];
  /** The state after it, given those whose partition cannot be written now. */
  after(failed: ReadonlySet<string>): PrincipalState;
}

/** Members per page: as much work as a crash repeats. */
export const membersPerPage = 100;

/** Each look takes some ten resource units and one write; Graph allows 20 writes a second (Graph docs: throttling-limits). */
const looksPerSecond = 15;

/** The next page of a group's fan-outs; null when there is nothing that can be passed on now. `skipped` are keys not to be tried again. Pure. */
export function nextPage(state: PrincipalState, skipped: ReadonlySet<string>): FanoutPage | null {
  const ready = [...state.fanouts.values()].filter(({ key, begunAt }) => begunAt !== null && !skipped.has(key));
  const single = ready.filter(({ member }) => member !== null).slice(0, membersPerPage);
  return single.length > 0 ? toSome(state, single) : toEverybody(state, ready);
}

function toSome(state: PrincipalState, fanouts: readonly Fanout[]): FanoutPage {
  const owed = fanouts.flatMap(({ member, ends, begunAt }, index) =>
    member === null ? [] : [toOwed(member, ends, lookAt(begunAt, index))],
  );
  const after = (failed: ReadonlySet<string>) => {
    const done = fanouts.filter(({ member }) => member !== null && !failed.has(member.principalId));
    return withFanouts(state, [], done);
  };
  return { owed, after };
}

/** Several roles that end at once stand at the same position: each member is told of all of them together, and cut once. */
function toEverybody(state: PrincipalState, fanouts: readonly Fanout[]): FanoutPage | null {
  const [first] = fanouts.toSorted((a, b) => compare(a.position ?? "", b.position ?? ""));
  if (first === undefined) return null;
  const together = fanouts.filter(({ position }) => position === first.position);
  const left = [...state.members.values()]
    .filter((member) => member.access === "member" && member.left === null)
    .filter(({ principalId }) => first.position === null || principalId > first.position)
    .toSorted((a, b) => compare(a.principalId, b.principalId));
  const members = left.slice(0, membersPerPage);
  const endsFor = ({ principalId }: Member) =>
    together.filter(({ except }) => !except.includes(principalId)).flatMap(({ ends }) => ends);
  const owed = members.map((member, index) =>
    toOwed(member, endsFor(member), lookAt(first.begunAt, first.told + index)),
  );
  const after = (failed: ReadonlySet<string>) => {
    const position = members.at(-1)?.principalId ?? null;
    const isLast = left.length <= membersPerPage;
    const moved = together.map((fanout) => ({ ...fanout, position, told: fanout.told + members.length }));
    const again = members
      .filter(({ principalId }) => failed.has(principalId))
      .map((member) => retry(member, endsFor(member), first));
    return withFanouts(state, [...again, ...(isLast ? [] : moved)], isLast ? together : []);
  };
  return { owed: owed.filter(({ obligations }) => obligations.length > 0), after };
}

const toOwed = (
  member: Pick<Member, "principalId" | "access" | "firstSeen">,
  ends: Fanout["ends"],
  lookAt: number,
): Owed => ({
  principalId: member.principalId,
  obligations: ends.map((end) => toObligation(end, member)),
  since: member.firstSeen,
  lookAt,
});

const lookAt = (begunAt: number | null, index: number): number =>
  (begunAt ?? 0) + Math.floor(index / looksPerSecond) * 1000;

function retry({ principalId, access, firstSeen }: Member, ends: Fanout["ends"], { key, begunAt }: Fanout): Fanout {
  const member = { principalId, access, firstSeen };
  return { key: rowKey("again", principalId, key), member, ends, begunAt, except: [], position: null, told: 0 };
}

function withFanouts(state: PrincipalState, put: readonly Fanout[], removed: readonly Fanout[]): PrincipalState {
  const fanouts = new Map(state.fanouts);
  for (const fanout of put) fanouts.set(fanout.key, fanout);
  for (const { key } of removed) fanouts.delete(key);
  return { ...state, fanouts, head: { ...state.head, openSince: openSince([...fanouts.values()]) } };
}

/** Graph's time when the oldest end was found that somebody has still to be told. */
export function openSince(fanouts: readonly Fanout[]): number | null {
  const times = fanouts.flatMap(({ ends }) => ends.map(({ foundAt }) => foundAt));
  return times.length === 0 ? null : Math.min(...times);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
