import { sideBySide } from "../base/side-by-side.ts";
import { isGraphError } from "../graph/errors.ts";
import { isOwn } from "../model/holding.ts";
import { isStorageError, StorageRowError, StorageUnavailableError } from "../storage/table.ts";
import { finishMassExpiry, leaseMassExpiry, secondOf } from "./mass-expiry-store.ts";
import { toMessage } from "./messages.ts";
import { reconcile } from "./reconcile.ts";
import type { ResyncDependencies } from "./resync.ts";

/** Passes made at the same time. The gateway to Graph paces the calls; this number only has to keep it busy. */
const passesAtOnce = 8;
/** Passes made between two reads of the list: about a second's worth of calls. */
const portionSize = 20;
/** Milliseconds between two reads of the list while roles are still listed. */
const listEvery = 500;
/** Milliseconds before the ends at which the list is read. The wait until then is shorter than a lease. */
const beginsBefore = 1500;
/** Milliseconds after which the lease is renewed: a third of it. */
const renewEvery = 10_000;
/** Milliseconds after the ends at which each remaining principal gets a message of its own: within the function's time-out of two minutes. */
const endsAfter = 90_000;

/**
 * Cuts a mass expiry: one instance reads the list for all principals until the ended roles have left it, and makes each principal's pass, the most
 * privileged first. It is the ordinary pass with its own live read, commit and lease; the list only says when. `second`: Graph's time, epoch milliseconds.
 */
export async function takeMassExpiry(second: number, dependencies: ResyncDependencies): Promise<void> {
  if (dependencies.policy.mode === "off") return;
  try {
    await cutAll(second, dependencies);
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    // The lease runs out, and the resync finds every wake-up of the mass expiry late: each principal then gets a pass by itself.
    dependencies.telemetry.event("storageUnavailable", { massExpiry: new Date(second).toISOString() });
  }
}

async function cutAll(second: number, dependencies: ResyncDependencies): Promise<void> {
  const { state, graphClock, clock, newId, signals, telemetry, timings } = dependencies;
  const name = new Date(second).toISOString();
  const holder = newId();
  const massExpiry = await leaseMassExpiry(state, second, holder);
  if (massExpiry === null) return;
  telemetry.event("massExpiryBegan", { second: name, principals: massExpiry.principals.length });

  let renewedAt = clock.monotonic();
  // The answer also gives Graph's time: this process may be new, and its own clock wrong.
  await readListed(second, dependencies);
  await clock.sleep(Math.min(Math.max(0, second - beginsBefore - graphClock.now()), timings.massExpiryLead));
  let waiting = massExpiry.principals;
  while (waiting.length > 0 && graphClock.now() < second + endsAfter) {
    const listed = await readListed(second, dependencies);
    const due = graphClock.now() < second || listed === null ? [] : waiting.filter((id) => !listed.has(id));
    // In portions, since a role that leaves the list meanwhile may be more privileged than those that have left it already.
    const portion = due.slice(0, portionSize);
    if (portion.length === 0) await clock.sleep(listEvery);
    else await sideBySide(portion, (principalId) => passOf(principalId, dependencies), passesAtOnce);
    waiting = waiting.filter((id) => !portion.includes(id));
    if (clock.monotonic() - renewedAt > renewEvery) {
      if ((await leaseMassExpiry(state, second, holder)) === null) return;
      renewedAt = clock.monotonic();
    }
  }
  for (const principalId of waiting) await signals.send(toMessage({ principalId, because: "massExpiry", tries: 0 }), 0);
  await finishMassExpiry(state, second);
  telemetry.event("massExpiryEnded", { second: name, left: waiting.length });
}

/** Principals for whom the list still shows a role that ends in this second; null when Graph cannot be read now. */
async function readListed(second: number, { graph, graphClock }: ResyncDependencies) {
  try {
    const list = await graph.listRoleInstances();
    graphClock.observe(list);
    const ending = list.value.filter(isOwn).filter(({ endDateTime: end }) => end !== null && secondOf(end) === second);
    return new Set(ending.map(({ principalId }) => principalId));
  } catch (error) {
    if (isGraphError(error)) return null;
    throw error;
  }
}

/** A principal whose pass fails keeps its wake-up, and the resync finds that late. */
async function passOf(principalId: string, dependencies: ResyncDependencies): Promise<void> {
  try {
    await reconcile({ principalId, because: "massExpiry", tries: 0 }, dependencies, true);
  } catch (error) {
    if (!isStorageError(error)) throw error;
    const row = error instanceof StorageRowError ? error.row : null;
    dependencies.telemetry.alarm("rowUnreadable", { principalId, row, code: error.code });
  }
}
