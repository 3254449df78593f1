import { startAzurite } from "../../../local/azurite/start-azurite.ts";
import { startHostProcess, startTenantProcess } from "../../../local/stack/start-stack.ts";
import type { TenantClient } from "../../../local/tenant/client.ts";
import { type BenchChannels, noChannels } from "./channels.ts";
import type { PlannedEnd } from "./ends.ts";
import { type EndedRole, measure, type Reaction } from "./measure.ts";

export interface BenchWorld extends AsyncDisposable {
  /** Every call of a reaction takes `latency` milliseconds more, while these ends come and until each has its revoke. */
  play(ends: readonly PlannedEnd[], latency: number): Promise<readonly Reaction[]>;
}

const userAdministrator = "fe930be7-5e62-47db-91af-98c3a49a38b1";

/** The two calls of a reaction: the reading of a principal, which is one batch, and the revoke. Other calls are not on its way. */
const slowed = String.raw`^/v1\.0/(\$batch|users/[^/]+/revokeSignInSessions)$`;

/** Milliseconds after the last end. */
const patience = 60_000;

/** The built app before a tenant of its own, with storage of its own. */
export async function openBenchWorld(
  seed: number,
  log: string,
  channels: BenchChannels = noChannels,
): Promise<BenchWorld> {
  const [azurite, tenant] = await Promise.all([startAzurite(), startTenantProcess([`--seed=${seed}`])]);
  const host = await startHostProcess({
    tenant,
    connectionString: azurite.connectionString,
    settings: {
      CUTOFF_MODE: "enforce",
      INCLUDED_PRINCIPALS: "all",
      RESYNC_SECONDS: "5",
      // So many ends within ten minutes look like a mistake otherwise.
      THRESHOLD_PLANNED: "3000",
      ...channels.settings,
    },
    log,
  });
  const { control } = tenant;
  return {
    async play(ends, latency) {
      await control.clearFaults();
      if (latency > 0) await control.addFault({ path: slowed, fault: { kind: "latency", milliseconds: latency } });
      const before = (await control.history()).at(-1)?.seq ?? 0;
      const roles = await Promise.all(ends.map((end) => activate(control, end)));
      await untilRevoked(control, before, roles);
      const history = await control.history(before);
      return roles.map((role) => measure(history, role));
    },
    async [Symbol.asyncDispose]() {
      await host.stop();
      await Promise.all([tenant.stop(), azurite.stop(), channels[Symbol.asyncDispose]()]);
    },
  };
}

async function activate(control: TenantClient, { seconds, removal }: PlannedEnd): Promise<EndedRole> {
  const { id: userId } = await control.createUser({ name: "Somebody" });
  const role = { principalId: userId, roleDefinitionId: userAdministrator, directoryScopeId: "/" };
  await control.makeEligible(role);
  const { scheduleId, endDateTime } = await control.activate({ ...role, durationSeconds: seconds, removal });
  if (endDateTime === null) throw new Error("The tenant gave the activation no end.");
  return { userId, scheduleId, end: Date.parse(endDateTime) };
}

async function untilRevoked(control: TenantClient, after: number, roles: readonly EndedRole[]): Promise<void> {
  const waiting = new Set(roles.map(({ userId }) => userId));
  const { now } = await control.clock();
  const lastEnd = Math.max(...roles.map(({ end }) => end));
  await control.waitFor(
    (event) => {
      if (event.event === "revokeAccepted") waiting.delete(event.userId);
      return waiting.size === 0;
    },
    { after, timeoutMs: lastEnd - Date.parse(now) + patience },
  );
}
