import type { Clock } from "../base/clock.ts";
import type { Stop } from "../enforcement/stop-and-resume.ts";
import { isGraphError } from "../graph/errors.ts";
import type { RoleNames } from "../graph/named-principals.ts";
import { scanPrincipals } from "../model/load.ts";
import type { PrincipalState } from "../model/principal.ts";
import type { Health } from "../operators/health.ts";
import type { Operator } from "../operators/prove-caller.ts";
import { isStorageError, type Table } from "../storage/table.ts";
import { buildStatus } from "./build-status.ts";
import type { ReadNames, Wanted } from "./known-names.ts";
import { type Status, version } from "./status.ts";

export interface StatusDependencies extends Pick<Status, "portal" | "runbook"> {
  readonly principals: Table;
  readonly health: () => Promise<Health>;
  /** The operator's stop that is in force. */
  readonly stop: () => Promise<Pick<Stop, "order"> | null>;
  /** Cached for an hour; without them roles are shown by their ids. */
  readonly roleNames: RoleNames;
  readonly names: ReadNames;
  readonly clock: Pick<Clock, "now">;
}

/** Everything that the status page shows, from stored state; only names come from Graph. @throws the errors of storage */
export async function readStatus(
  { principals, health, stop, roleNames, names, clock, portal, runbook }: StatusDependencies,
  { objectId, roles }: Operator,
): Promise<Status> {
  const states: PrincipalState[] = [];
  let unreadable = 0;
  for await (const state of scanPrincipals(principals)) {
    if (state === null) unreadable += 1;
    else states.push(state);
  }
  const status = buildStatus({
    health: await health(),
    stopReason: await reasonOf(stop),
    principals: states,
    unreadable,
    roleNames: await namesOrNone(roleNames),
    now: clock.now(),
    version,
    portal,
    runbook,
    operator: { objectId, roles: [...roles] },
  });
  return { ...status, names: await names(namedIn(status)) };
}

/** Who and what is on the page, what asks for a person first. */
function namedIn({ health, operator, pending, day, upcoming, recent }: Status): Wanted {
  const ends = [...pending.shown, ...day.people.flatMap(({ bars }) => bars), ...upcoming.shown, ...recent.shown];
  return {
    users: unique([
      operator.objectId,
      ...health.conditions.flatMap(({ by }) => by ?? []),
      ...ends.flatMap(({ principalId, isGroup }) => (isGroup ? [] : [principalId])),
    ]),
    groups: unique(
      ends.flatMap(({ principalId, isGroup, groupId }) => [
        ...(isGroup ? [principalId] : []),
        ...(groupId === null ? [] : [groupId]),
      ]),
    ),
  };
}

const unique = (ids: readonly string[]): readonly string[] => [...new Set(ids)];

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
