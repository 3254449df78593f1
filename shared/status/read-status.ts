import { scanPrincipals } from "../assignments/load-principal.ts";
import type { PrincipalState } from "../assignments/principal-state.ts";
import type { Clock } from "../clock.ts";
import { isGraphError } from "../graph/graph-errors.ts";
import type { RoleNames } from "../graph/role-definitions.ts";
import type { Health } from "../operations/health.ts";
import type { Stop } from "../revocation/control.ts";
import { isStorageError } from "../storage/storage-errors.ts";
import type { Table } from "../storage/table.ts";
import { buildStatus } from "./build-status.ts";
import type { Status } from "./status.ts";

export interface StatusDependencies {
  readonly principals: Table;
  readonly health: () => Promise<Health>;
  /** The operator's stop that is in force. */
  readonly stop: () => Promise<Pick<Stop, "order"> | null>;
  /** Cached for an hour; without them roles are told by their ids. */
  readonly roleNames: RoleNames;
  readonly clock: Pick<Clock, "now">;
}

/** Everything that the status page shows, from stored state; only the names of roles come from Graph. @throws the errors of storage */
export async function readStatus({ principals, health, stop, roleNames, clock }: StatusDependencies): Promise<Status> {
  const states: PrincipalState[] = [];
  let unreadable = 0;
  for await (const state of scanPrincipals(principals)) {
    if (state === null) unreadable += 1;
    else states.push(state);
  }
  return buildStatus({
    health: await health(),
    stopReason: await reasonOf(stop),
    principals: states,
    unreadable,
    roleNames: await namesOrNone(roleNames),
    now: clock.now(),
  });
}

async function reasonOf(stop: StatusDependencies["stop"]): Promise<string | null> {
  try {
    return (await stop())?.order?.reason ?? null;
  } catch (error) {
    // Health says what is wrong with storage.
    if (!isStorageError(error)) throw error;
    return null;
  }
}

async function namesOrNone(roleNames: RoleNames): Promise<ReadonlyMap<string, string>> {
  try {
    return await roleNames();
  } catch (error) {
    // Names are for people only: a page without them is better than none.
    if (!isGraphError(error)) throw error;
    return new Map();
  }
}
