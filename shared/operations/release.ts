import { commitPrincipal } from "../assignments/commit-principal.ts";
import { loadPrincipal } from "../assignments/load-principal.ts";
import { readHeads } from "../assignments/resync.ts";
import { toMessage } from "../assignments/signal.ts";
import type { ThresholdMark } from "../revocation/obligation.ts";
import { isHeld, markThreshold } from "../revocation/threshold-mark.ts";
import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import type { OperationDependencies } from "./operate.ts";
import { sideBySide } from "./side-by-side.ts";

/** How often to start over when a principal is being committed by somebody else. */
const tries = 5;

/**
 * Releases what the revocation threshold holds right now, of one user or of all, and sends a signal for each user. What comes later is held
 * anew. Whose rows this version cannot read is raised and left as it is. Returns the number of users.
 * @throws the errors of storage: some may be released, repeating it releases the rest.
 */
export async function release(only: string | undefined, dependencies: OperationDependencies): Promise<number> {
  const principalIds = only === undefined ? await findHeld(dependencies) : [only];
  let released = 0;
  await sideBySide(principalIds, async (principalId) => {
    if (await releaseOne(principalId, dependencies)) released += 1;
  });
  return released;
}

async function findHeld(dependencies: OperationDependencies): Promise<readonly string[]> {
  const heads = await readHeads(dependencies);
  return [...heads].filter(([, head]) => head?.held !== undefined).map(([principalId]) => principalId);
}

async function releaseOne(principalId: string, dependencies: OperationDependencies): Promise<boolean> {
  const { signals, telemetry } = dependencies;
  try {
    if (!(await releaseObligations(principalId, dependencies))) return false;
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { principalId, row: null, code: error.code });
    return false;
  }
  await signals.send(toMessage({ principalId, because: "operator", tries: 0 }), 0);
  return true;
}

async function releaseObligations(principalId: string, { principals }: OperationDependencies): Promise<boolean> {
  for (let left = tries; ; left -= 1) {
    const loaded = await loadPrincipal(principals, principalId);
    const held = [...loaded.state.obligations.values()].filter(isHeld);
    if (held.length === 0) return false;
    const marks = new Map(held.map(({ key }): [string, ThresholdMark] => [key, "released"]));
    try {
      await commitPrincipal(principals, loaded, markThreshold(loaded.state, marks));
      return true;
    } catch (error) {
      if (!(error instanceof StorageConflictError) || left <= 1) throw error;
    }
  }
}
