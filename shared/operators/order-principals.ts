import { reportCommit } from "../assignments/report-commit.ts";
import { commitPrincipal } from "../model/commit.ts";
import { loadPrincipal } from "../model/load.ts";
import type { Head, PrincipalState } from "../model/principal.ts";
import { sideBySide } from "../operations/side-by-side.ts";
import { toMessage } from "../reconcile/messages.ts";
import { readHeads } from "../reconcile/resync.ts";
import { StorageConflictError, StorageRowError } from "../storage/storage-errors.ts";
import type { OperationDependencies } from "./orders.ts";

/** How often to start over when a principal is being committed by somebody else. */
const tries = 5;

/** An operator's order about one principal: the state that it leads to, the very same one when there is nothing to order. Pure. */
export type Order = (state: PrincipalState) => PrincipalState;

/** Carries out an order for every principal whose head is `wanted`. See `orderEach`. */
export async function orderAll(
  wanted: (head: Pick<Head, "held" | "inReview" | "openSince">) => boolean,
  order: Order,
  dependencies: OperationDependencies,
): Promise<number> {
  const heads = await readHeads(dependencies);
  const principalIds = [...heads].flatMap(([id, head]) => (head !== null && wanted(head) ? [id] : []));
  return orderEach(principalIds, order, dependencies);
}

/**
 * Commits an order for each of these principals and sends a signal for each that it changed. Whose rows this version cannot read is raised and
 * left as it is. Returns the number of principals that were changed.
 * @throws the errors of storage: some may be done, repeating it does the rest.
 */
export async function orderEach(
  principalIds: readonly string[],
  order: Order,
  dependencies: OperationDependencies,
): Promise<number> {
  let changed = 0;
  await sideBySide(principalIds, async (principalId) => {
    if (await orderOne(principalId, order, dependencies)) changed += 1;
  });
  return changed;
}

async function orderOne(principalId: string, order: Order, dependencies: OperationDependencies): Promise<boolean> {
  const { signals, telemetry } = dependencies;
  try {
    if (!(await commitOrder(principalId, order, dependencies))) return false;
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    telemetry.alarm("rowUnreadable", { principalId, row: error.row, code: error.code });
    return false;
  }
  await signals.send(toMessage({ principalId, because: "operator", tries: 0 }), 0);
  return true;
}

async function commitOrder(principalId: string, order: Order, dependencies: OperationDependencies): Promise<boolean> {
  const { principals } = dependencies;
  for (let left = tries; ; left -= 1) {
    const loaded = await loadPrincipal(principals, principalId);
    const next = order(loaded.state);
    if (next === loaded.state) return false;
    try {
      const committed = await commitPrincipal(principals, loaded, next);
      reportCommit(dependencies, loaded.state, committed.state, []);
      return true;
    } catch (error) {
      if (!(error instanceof StorageConflictError) || left <= 1) throw error;
    }
  }
}
