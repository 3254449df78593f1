import { startAzurite } from "../../../local/azurite/start-azurite.ts";
import {
  localSecret,
  type RunningHost,
  type RunningTenant,
  startHostProcess,
  startTenantProcess,
} from "../../../local/stack/start-stack.ts";
import type { HistoryEvent } from "../../../local/tenant/history-events.ts";
import { systemClock } from "../../../shared/base/clock.ts";
import type { RoleInstance } from "../../../shared/graph/graph.ts";
import { canonicalInstant } from "../../../shared/graph/instants-and-ids.ts";
import { commitPrincipal, loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { connectionString } from "../../../shared/settings/connections.ts";
import { connectStorage } from "../../../shared/storage/connect.ts";
import { sealStorage } from "../../../shared/storage/sealed-table.ts";
import { stored } from "./stored.ts";

export interface BenchWorld extends AsyncDisposable {
  /** A fresh process of the built app. Its log is appended to `log`. */
  startHost(log: string, settings?: Readonly<Record<string, string>>): Promise<RunningHost>;
  history(after?: number): Promise<readonly HistoryEvent[]>;
}

const userAdministrator = "fe930be7-5e62-47db-91af-98c3a49a38b1";

/** Users made side by side. */
const atOnce = 16;

/** A tenant in which `count` users hold a role for days, with pages of 999, and storage in which the app watches them all. */
export async function openBenchWorld(count: number): Promise<BenchWorld> {
  const [azurite, tenant] = await Promise.all([startAzurite(), startTenantProcess()]);
  const storage = connectStorage(connectionString().parse(azurite.connectionString), () => {
    throw new Error("The bench uses the account's key.");
  });
  const secrets = { current: localSecret, previous: null };
  const telemetry = { event: () => undefined, alarm: () => undefined, measure: () => undefined };
  const { principals } = sealStorage(storage, secrets, { clock: systemClock, telemetry });
  let next = 0;
  const create = async () => {
    while (next < count) {
      next += 1;
      const row = await assign(tenant, next);
      await commitPrincipal(principals, await loadPrincipal(principals, row.principalId), stored(row, Date.now()));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, create));
  return {
    startHost: (log, settings = {}) =>
      startHostProcess({
        tenant,
        connectionString: azurite.connectionString,
        settings: { CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: "all", ...settings },
        log,
      }),
    history: (after) => tenant.control.history(after),
    async [Symbol.asyncDispose]() {
      await Promise.all([tenant.stop(), azurite.stop()]);
    },
  };
}

/** Gives the nth user a role; resolves to its row as the app reads it. No two end in the same minute: that would be a mass expiry. */
async function assign({ control }: RunningTenant, n: number): Promise<RoleInstance> {
  const { id: principalId } = await control.createUser({ name: `User ${n}` });
  const role = { principalId, roleDefinitionId: userAdministrator, directoryScopeId: "/" };
  const { scheduleId, startDateTime, endDateTime } = await control.assign({
    ...role,
    durationSeconds: 86_400 + 60 * n,
  });
  const canonical = (text: string | null) => (text === null ? null : canonicalInstant(text));
  return {
    ...role,
    appScopeId: "",
    startDateTime: canonical(startDateTime),
    endDateTime: canonical(endDateTime),
    assignmentType: "Assigned",
    memberType: "Direct",
    roleAssignmentScheduleId: scheduleId,
  };
}
