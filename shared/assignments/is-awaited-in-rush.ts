import { parseContent } from "../storage/parse-content.ts";
import { StorageRowError, StorageUnavailableError } from "../storage/storage-errors.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import { headRow, headSchema } from "./principal-rows.ts";
import { liveRushes } from "./rush-store.ts";
import type { Signal } from "./signal.ts";

/**
 * Whether this is a timer of one of very many ends in the same second, before that second: whoever cuts them all looks, the others need not
 * poll. Not when the principal has other work open. The rush only saves reads: when in doubt, everybody looks.
 */
export async function isAwaitedInRush(
  { principalId, because }: Signal,
  dependencies: CoreDependencies,
): Promise<boolean> {
  if (because !== "timer") return false;
  const { state, principals, graphClock, telemetry } = dependencies;
  try {
    const now = graphClock.now();
    const rushes = await liveRushes(state, now);
    if (!rushes.some(({ second, principals: ids }) => now < second && ids.includes(principalId))) return false;
    const { value: head } = await principals.get(principalId, headRow);
    return head !== undefined && parseContent(head, headSchema).openSince === null;
  } catch (error) {
    if (error instanceof StorageUnavailableError) return false;
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { principalId, code: error.code });
    return false;
  }
}
