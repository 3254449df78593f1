import type { Clock } from "../base/clock.ts";
import { isGraphError } from "../graph/graph-errors.ts";
import type { RoleNames } from "../graph/role-definitions.ts";
import { scanPrincipals } from "../model/load.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { Health } from "../operators/health.ts";
import type { Table } from "../storage/table.ts";
import { buildStatus } from "./status.ts";
import type { Status } from "./status-parts.ts";

export interface StatusDependencies {
  readonly principals: Table;
  readonly health: () => Promise<Health>;
  /** Cached for an hour; without them roles are told by their ids. */
  readonly roleNames: RoleNames;
  readonly clock: Pick<Clock, "now">;
}

/** Everything that the status page shows, from stored state; only the names of roles come from Graph. @throws the errors of storage */
export async function readStatus({ principals, health, roleNames, clock }: StatusDependencies): Promise<Status> {
  const states: PrincipalState[] = [];
  let unreadable = 0;
  for await (const state of scanPrincipals(principals)) {
    if (state === null) unreadable += 1;
    else states.push(state);
  }
  return buildStatus({
    health: await health(),
    principals: states,
    unreadable,
    roleNames: await namesOrNone(roleNames),
    now: clock.now(),
  });
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
