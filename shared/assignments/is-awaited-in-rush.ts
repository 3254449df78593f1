import type { CoreDependencies } from "../reconcile/dependencies.ts";
import type { Signal } from "../reconcile/messages.ts";
import { parseContent } from "../storage/parse-content.ts";
import { StorageRowError, StorageUnavailableError } from "../storage/storage-errors.ts";
import { readListedRow } from "./listed-rows.ts";
import { headRow, rows } from "./principal-rows.ts";
import { secondOf } from "./rush.ts";

/**
 * Whether this is a timer of one of very many ends in the same second: whoever cuts them all looks, in the order of the rush, and the others
 * need not poll. A thousand timers take seconds to be delivered: those that come after the second would overtake the most privileged.
 * Not when nobody cuts them, when the principal has other work open, or was looked at since the end. The rush only saves reads: when in doubt, everybody looks.
 */
export async function isAwaitedInRush(
  { principalId, because }: Signal,
  dependencies: CoreDependencies,
): Promise<boolean> {
  if (because !== "timer") return false;
  const { rushes, principals, graphClock, telemetry } = dependencies;
  try {
    const live = await rushes(graphClock.now());
    const own = live.filter(({ principals: ids }) => ids.includes(principalId));
    if (own.length === 0) return false;
    const { value: row } = await principals.get(principalId, headRow);
    if (row === undefined) return false;
    const { openSince, listed } = parseContent(row, rows.head);
    const ends = listed.flatMap((shown) => readListedRow(shown).end ?? []).map(secondOf);
    return openSince === null && own.some(({ second }) => ends.includes(second));
  } catch (error) {
    if (error instanceof StorageUnavailableError) return false;
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { principalId, row: error.row, code: error.code });
    return false;
  }
}
