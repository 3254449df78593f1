import type { GraphTime } from "../base/clock.ts";
import { rowKey } from "../base/keys.ts";
import { sideBySide } from "../base/side-by-side.ts";
import { addLosses, endsSince, newFanout, toRevocation, wasTheirs } from "../detection/group-losses.ts";
import { commitPrincipal, type LoadedPrincipal, loadPrincipal } from "../model/load-and-commit.ts";
import { byKey, type Fanout, type Member, type PrincipalState, summarized } from "../model/principal.ts";
import { whereReadable } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { changePrincipal } from "./finish-pass.ts";
import { readHeads } from "./heads.ts";
import { toMessage } from "./messages.ts";

/**
 * A member, and the ends to pass on to them. `passAt`: Graph's time of the member's next pass; they are spread to stay within Graph's quotas. `again`: what
 * remains of the fan-out if the member's partition cannot be written now.
 */
interface Target extends Pick<Fanout, "ends"> {
  readonly member: Pick<Member, "principalId" | "access" | "firstSeen">;
  readonly passAt: GraphTime;
  readonly again?: Fanout;
}

/**
 * Gives each member of a group a pending revocation for the group's ends, and a message, page by page, until all are done or our monotonic
 * time is `until`. A page is marked as done last: a crash repeats the page, and a repetition adds nothing that is already there. Resolves to `more` when time
 * is up and more can be fanned out at once; to `stuck` when a member's partition cannot be written now, or the members must be read first.
 * @throws StorageConflictError when another instance fans out as well: start over.
 */
export async function fanOut(committed: LoadedPrincipal, until: number, dependencies: CoreDependencies) {
  const { principals, clock, telemetry } = dependencies;
  const { principalId } = committed.state;
  const skipped = new Set<string>();
  for (let loaded = committed; ; ) {
    const page = nextPage(loaded.state, skipped);
    if (page === null) return loaded.state.fanouts.size === 0 ? "all" : "stuck";
    if (clock.monotonic() >= until) return "more";
    const failed = await addToMembers(page.targets, dependencies);
    const again = failed.flatMap((target) => target.again ?? []);
    const fanouts = byKey([...page.left, ...again]);
    loaded = await commitPrincipal(principals, loaded, summarized({ ...loaded.state, fanouts }));
    for (const { member } of failed) skipped.add(member.principalId);
    telemetry.event("fannedOut", { principalId, members: page.targets.length - failed.length, failed: failed.length });
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
      const passAt = graphClock.now();
      const targets = [...state.members.values()]
        .filter((one) => [one.principalId, groupId].includes(principalId))
        .map((member) => ({ member, ends: endsSince(state, member, since), passAt }))
        .filter(({ ends }) => ends.length > 0);
      await addToMembers(targets, dependencies);
    });
  }
}

/**
 * Adds the losses to each member's partition and enqueues a pass. A repetition adds nothing, but enqueues again while a revocation is open. Resolves to those
 * whose partition this version cannot read. Each gets an alarm, and is tried again later.
 */
async function addToMembers(targets: readonly Target[], dependencies: CoreDependencies): Promise<readonly Target[]> {
  const { signals, graphClock, timings, telemetry } = dependencies;
  const failed: Target[] = [];
  await sideBySide(targets, async (target) => {
    const { member, ends, passAt } = target;
    const { principalId } = member;
    const losses = ends.map((end) => toRevocation(end, member));
    const delay = Math.max(0, passAt - graphClock.now());
    const add = ({ state, storageTime }: LoadedPrincipal) => addLosses(state, losses, storageTime + delay, timings.lag);
    const changed = await whereReadable({ principalId }, telemetry, () =>
      changePrincipal(principalId, add, dependencies),
    );
    if (changed === undefined) failed.push(target);
    // If this message is lost, the resync sees that the wake time in the head has passed.
    else if (changed.head.openSince !== null)
      await signals.send(toMessage({ principalId, because: "group", tries: 0 }), delay);
  });
  return failed;
}

/** Members per page. A crash repeats at most one page. */
const membersPerPage = 100;
/** Each pass takes some ten resource units and one write; Graph allows 20 writes a second (Graph docs: throttling-limits). */
const passesPerSecond = 15;

/** The next page of a group's fan-outs; null when nothing can be fanned out now. `skipped`: members not to try again. `left`: the fan-outs after it. Pure. */
function nextPage(state: PrincipalState, skipped: ReadonlySet<string>) {
  const all = [...state.fanouts.values()];
  const single = all
    .filter(({ begunAt, member }) => begunAt !== null && member !== null && !skipped.has(member.principalId))
    .slice(0, membersPerPage);
  if (single.length === 0) return toEverybody(state);
  const targets = single.flatMap((again, index): Target[] => {
    const { member, ends, begunAt } = again;
    return member === null ? [] : [{ member, ends, passAt: passAt(begunAt, index), again }];
  });
  return { targets, left: all.filter((fanout) => !single.includes(fanout)) };
}

/** Fan-outs of roles that ended together have the same position: each member gets all these losses at once, and is revoked once. */
function toEverybody(state: PrincipalState) {
  const all = [...state.fanouts.values()];
  const ofAll = all.filter(({ begunAt, member }) => begunAt !== null && member === null);
  const position = ofAll.map((fanout) => fanout.position ?? "").toSorted()[0] ?? "";
  const together = ofAll.filter((fanout) => (fanout.position ?? "") === position);
  const [first] = together;
  if (first === undefined) return null;
  const { key, begunAt, reached } = first;
  const ahead = [...state.members.values()]
    .filter(({ access, principalId }) => access === "member" && principalId > position)
    .map((member) => ({ member, ends: together.flatMap((fanout) => endsFor(fanout, member, state)) }))
    .filter(({ ends }) => ends.length > 0)
    .toSorted((a, b) => (a.member.principalId < b.member.principalId ? -1 : 1));
  const page = ahead.slice(0, membersPerPage);
  const targets = page.map(({ member, ends }, index): Target => {
    const again = newFanout(rowKey("again", member.principalId, key), member, ends, begunAt);
    return { member, ends, passAt: passAt(begunAt, reached + index), again };
  });
  const next = { position: page.at(-1)?.member.principalId ?? null, reached: reached + page.length };
  const moved = ahead.length === page.length ? [] : together.map((fanout) => ({ ...fanout, ...next }));
  return { targets, left: [...all.filter((fanout) => !together.includes(fanout)), ...moved] };
}

/** The ends that a member lost who was in the group when they came: who has left since the fan-out began was. */
function endsFor({ begunAt, except, ends }: Fanout, member: Member, state: PrincipalState) {
  const { principalId, left } = member;
  const wasIn = !except.includes(principalId) && (left === null || (begunAt !== null && left.at >= begunAt));
  return wasIn ? ends.filter(({ key }) => wasTheirs(member, state.ended.get(key))) : [];
}

const passAt = (begunAt: number | null, index: number): number =>
  (begunAt ?? 0) + Math.floor(index / passesPerSecond) * 1000;
