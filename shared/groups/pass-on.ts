import { addOwed, type Owed } from "../detection/member-losses.ts";
import { commitPrincipal } from "../model/commit.ts";
import type { LoadedPrincipal } from "../model/load.ts";
import { changePrincipal } from "../reconcile/change-principal.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { nextPage } from "../reconcile/fan-out.ts";
import { toMessage } from "../reconcile/messages.ts";
import { StorageRowError } from "../storage/storage-errors.ts";

/** Partitions written side by side. */
const writersAtOnce = 16;

/** `more` could go on at once; `stuck` is what waits for a member whose partition cannot be written now, or for a read of the members. */
export type PassedOn = "all" | "more" | "stuck";

/**
 * Passes a group's ends on to its members, page by page, until nothing is left or our monotonic time is `until`: obligations in their
 * partitions and a message for each. The page is marked as done after that, so a crash repeats a page and each repetition finds it done.
 * @throws StorageConflictError when another instance passes on as well: look again.
 */
export async function passOn(
  committed: LoadedPrincipal,
  until: number,
  dependencies: CoreDependencies,
): Promise<PassedOn> {
  const { principals, clock, telemetry } = dependencies;
  const { principalId } = committed.state;
  const skipped = new Set<string>();
  for (let loaded = committed; ; ) {
    const page = nextPage(loaded.state, skipped);
    if (page === null) return loaded.state.fanouts.size === 0 ? "all" : "stuck";
    if (clock.monotonic() >= until) return "more";
    const failed = await tell(page.owed, dependencies);
    loaded = await commitPrincipal(principals, loaded, page.after(failed));
    for (const { key, member } of loaded.state.fanouts.values()) {
      if (member !== null && failed.has(member.principalId)) skipped.add(key);
    }
    telemetry.event("passedOn", { principalId, members: page.owed.length - failed.size, failed: failed.size });
  }
}

/** Resolves to the members whose partition this version cannot read: they are raised, and tried again later. */
async function tell(owed: readonly Owed[], dependencies: CoreDependencies): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  const left = [...owed];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      try {
        await oblige(next, dependencies);
      } catch (error) {
        if (!(error instanceof StorageRowError)) throw error;
        failed.add(next.principalId);
        const { row, code } = error;
        dependencies.telemetry.alarm("rowUnreadable", { principalId: next.principalId, row, code });
      }
    }
  };
  await Promise.all(Array.from({ length: writersAtOnce }, work));
  return failed;
}

/** Puts what is owed into the member's partition and asks for a look. Repeated, it changes nothing but asks again while something is open. */
async function oblige({ lookAt, ...owed }: Owed, dependencies: CoreDependencies): Promise<void> {
  const { signals, graphClock, timings } = dependencies;
  const { principalId } = owed;
  const delay = Math.max(0, lookAt - graphClock.now());
  const add = ({ state, storageTime }: LoadedPrincipal) => addOwed(state, owed, storageTime + delay, timings.lag);
  const { head } = await changePrincipal(principalId, add, dependencies);
  // Should this message be lost, the wake time in the head tells the resync.
  if (head.openSince !== null) {
    await signals.send(toMessage({ principalId, because: "group", tries: 0 }), delay);
  }
}
