import { earliest, type GraphTime } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import { sideBySide } from "../base/side-by-side.ts";
import { addLosses, endsSince, toRevocation } from "../detection/group-losses.ts";
import { commitPrincipal, type LoadedPrincipal, loadPrincipal } from "../model/load-and-commit.ts";
import type { Fanout, Member, PrincipalState } from "../model/principal.ts";
import { whereReadable } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { changePrincipal } from "./finish-pass.ts";
import { readHeads } from "./heads.ts";
import { toMessage } from "./messages.ts";

/** `more`: time is up, more can be fanned out at once. `stuck`: a member's partition cannot be written now, or the members must be read first. */
type FannedOut = "all" | "more" | "stuck";

/** A member, and the ends to pass on to them. `passAt`: Graph's time of the member's next pass; they are spread to stay within Graph's quotas. */
interface Target extends Pick<Fanout, "ends"> {
  readonly member: Pick<Member, "principalId" | "access" | "firstSeen">;
  readonly passAt: GraphTime;
}

/**
 * Gives each member of a group a pending revocation for the group's ends, and a message, page by page, until all are done or our monotonic
 * time is `until`. A page is marked as done last: a crash repeats the page, and a repetition adds nothing that is already there.
 * @throws StorageConflictError when another instance fans out as well: start over.
 */
export async function fanOut(
  committed: LoadedPrincipal,
  until: number,
  dependencies: CoreDependencies,
): Promise<FannedOut> {
  const { principals, clock, telemetry } = dependencies;
  const { principalId } = committed.state;
  const skipped = new Set<string>();
  for (let loaded = committed; ; ) {
    const page = nextPage(loaded.state, skipped);
    if (page === null) return loaded.state.fanouts.size === 0 ? "all" : "stuck";
    if (clock.monotonic() >= until) return "more";
    const failed = await addToMembers(page.targets, dependencies);
    loaded = await commitPrincipal(principals, loaded, page.after(failed));
    for (const memberId of failed) skipped.add(memberId);
    telemetry.event("fannedOut", { principalId, members: page.targets.length - failed.size, failed: failed.size });
  }
}

/**
 * Fans out again what groups have lost since `since`, Graph's time: to this member, or, if the principal is a group, to all who were in it. For principals
 * whose rows somebody deleted: it adds the pending revocations that are missing, and nothing else. @throws the errors of storage
 */
export async function fanOutAgain(principalId: string, since: number, dependencies: CoreDependencies): Promise<void> {
  const { principals, graphClock, telemetry } = dependencies;
  for (const [groupId, head] of await readHeads(dependencies)) {
    if (head?.kind !== "group") continue;
    await whereReadable({ principalId: groupId }, telemetry, async () => {
      const { state } = await loadPrincipal(principals, groupId);
      const concerned = [...state.members.values()].filter((one) => [one.principalId, groupId].includes(principalId));
      const passAt = graphClock.now();
      const targets = concerned.map((member) => ({ member, ends: endsSince(state, member, since), passAt }));
      await addToMembers(targets.filter(hasLost), dependencies);
    });
  }
}

/** Resolves to the members whose partition this version cannot read. Each gets an alarm, and is tried again later. */
async function addToMembers(targets: readonly Target[], dependencies: CoreDependencies) {
  const failed = new Set<string>();
  await sideBySide(targets, async (target) => {
    const { principalId } = target.member;
    const add = () => addToMember(target, dependencies);
    if ((await whereReadable({ principalId }, dependencies.telemetry, add)) === undefined) failed.add(principalId);
  });
  return failed;
}

/** Adds the losses to the member's partition and enqueues a pass. A repetition adds nothing, but enqueues again while a revocation is open. */
async function addToMember({ member, ends, passAt }: Target, dependencies: CoreDependencies) {
  const { signals, graphClock, timings } = dependencies;
  const { principalId, firstSeen: since } = member;
  const losses = { principalId, revocations: ends.map((end) => toRevocation(end, member)), since };
  const delay = Math.max(0, passAt - graphClock.now());
  const add = ({ state, storageTime }: LoadedPrincipal) => addLosses(state, losses, storageTime + delay, timings.lag);
  const changed = await changePrincipal(principalId, add, dependencies);
  // If this message is lost, the resync sees that the wake time in the head has passed.
  if (changed.head.openSince !== null) {
    await signals.send(toMessage({ principalId, because: "group", tries: 0 }), delay);
  }
  return changed;
}

/** Members per page. A crash repeats at most one page. */
const membersPerPage = 100;
/** Each pass takes some ten resource units and one write; Graph allows 20 writes a second (Graph docs: throttling-limits). */
const passesPerSecond = 15;

/**
 * The next page of a group's fan-outs; null when nothing can be fanned out now. `skipped`: members not to try again. `after`: the group's state after this
 * page; `failed` are members whose partition cannot be written now. Pure.
 */
function nextPage(state: PrincipalState, skipped: ReadonlySet<string>) {
  const begun = [...state.fanouts.values()].filter(({ begunAt }) => begunAt !== null);
  const single = begun
    .flatMap(({ member, ...fanout }) => (member === null ? [] : [{ ...fanout, member }]))
    .filter(({ member }) => !skipped.has(member.principalId))
    .slice(0, membersPerPage);
  if (single.length === 0) return toEverybody(state, begun);
  const after = (failed: ReadonlySet<string>) => {
    const done = single.filter(({ member }) => !failed.has(member.principalId));
    return withFanouts(state, [], done);
  };
  return { targets: single.map((one, index) => ({ ...one, passAt: passAt(one.begunAt, index) })), after };
}

/** Fan-outs of roles that ended together have the same position: each member gets all these losses at once, and is revoked once. */
function toEverybody(state: PrincipalState, begun: readonly Fanout[]) {
  const fanouts = begun.filter(({ member }) => member === null);
  const position = fanouts.map((fanout) => fanout.position ?? "").toSorted()[0] ?? "";
  const together = fanouts.filter((fanout) => (fanout.position ?? "") === position);
  const [first] = together;
  if (first === undefined) return null;
  const left = [...state.members.values()]
    .filter((member) => member.access === "member" && member.left === null && member.principalId > position)
    .toSorted((a, b) => (a.principalId < b.principalId ? -1 : 1));
  const targets = left.slice(0, membersPerPage).map((member, index) => {
    const fanned = together.filter(({ except }) => !except.includes(member.principalId));
    return { member, ends: fanned.flatMap(({ ends }) => ends), passAt: passAt(first.begunAt, first.reached + index) };
  });
  const after = (failed: ReadonlySet<string>) => {
    const again = targets.filter(({ member }) => failed.has(member.principalId)).map((target) => retry(target, first));
    if (left.length <= membersPerPage) return withFanouts(state, again, together);
    const last = targets.at(-1)?.member.principalId ?? null;
    const moved = together.map((fanout) => ({ ...fanout, position: last, reached: fanout.reached + targets.length }));
    return withFanouts(state, [...again, ...moved], []);
  };
  return { targets: targets.filter(hasLost), after };
}

const hasLost = ({ ends }: Target): boolean => ends.length > 0;

const passAt = (begunAt: number | null, index: number): number =>
  (begunAt ?? 0) + Math.floor(index / passesPerSecond) * 1000;

function retry({ member: { principalId, access, firstSeen }, ends }: Target, { key, begunAt }: Fanout): Fanout {
  const member = { principalId, access, firstSeen };
  return { key: rowKey("again", principalId, key), member, ends, begunAt, except: [], position: null, reached: 0 };
}

function withFanouts(state: PrincipalState, put: readonly Fanout[], removed: readonly Pick<Fanout, "key">[]) {
  const fanouts = new Map(state.fanouts);
  for (const fanout of put) fanouts.set(fanout.key, fanout);
  for (const { key } of removed) fanouts.delete(key);
  return noteOpenFanouts({ ...state, fanouts });
}

/** The state with Graph's time, in its head, when the oldest end was found that is not yet fanned out; null when all are. */
export function noteOpenFanouts(state: PrincipalState): PrincipalState {
  const found = [...state.fanouts.values()].flatMap(({ ends }) => ends.map(({ foundAt }) => foundAt));
  return { ...state, head: { ...state.head, openSince: earliest(found) } };
}
