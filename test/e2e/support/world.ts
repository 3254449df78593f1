import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { inject, vi } from "vitest";
import {
  localSecret,
  type RunningHost,
  type RunningTenant,
  startHostProcess,
  startTenantProcess,
} from "../../../local/stack/start-stack.ts";
import type { TenantClient } from "../../../local/tenant/client.ts";
import type { HistoryEvent } from "../../../local/tenant/history-events.ts";
import { systemClock } from "../../../shared/base/clock.ts";
import { deriveKeys } from "../../../shared/base/keys.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import type { Progress } from "../../../shared/model/pending-revocation.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import { connectionString as connectionStringSchema } from "../../../shared/settings/connections.ts";
import { connectStorage, type Storage } from "../../../shared/storage/connect.ts";
import { tableNames } from "../../../shared/storage/queue.ts";
import { createSealedTable } from "../../../shared/storage/sealed-table.ts";
import type { Table } from "../../../shared/storage/table.ts";
import type { Account } from "./accounts.ts";
import { patientReads } from "./patient-reads.ts";
import { expectNothingRedacted } from "./redactions.ts";

const logs = fileURLToPath(new URL("../../../local/out/e2e/", import.meta.url));

/** Milliseconds of real time for anything that is awaited: an attempt's lease, a hold and its read-backs fit in. */
const patience = 170_000;

export type Closed = Extract<Progress, { readonly state: "closed" }>;

/** A tenant process, storage of its own, and as many processes of the built app as a test wants. It ends badly if the app redacted something unasked. */
export interface World extends AsyncDisposable {
  readonly tenant: RunningTenant;
  readonly control: TenantClient;
  /** As whoever can write to the storage account sees it. */
  readonly storage: Storage;
  /** As the app sees its tables. */
  readonly sealed: Readonly<Record<"principals" | "state", Table>>;
  readonly connectionString: string;
  /** Enforces for everybody and resyncs every five seconds, unless `settings` say otherwise. */
  startHost(
    settings?: Readonly<Record<string, string>>,
    graph?: Pick<RunningTenant, "url">,
    port?: number,
  ): Promise<LoggingHost>;
  /** What the app has stored of a principal. */
  stored(principalId: string): Promise<PrincipalState>;
  /** Resolves once the app has stored `count` holdings of a principal. */
  awaitHoldings(principalId: string, count?: number): Promise<void>;
  /** The outcomes of a principal's ended privileges, once there are `count` and none is without. */
  closed(principalId: string, count?: number): Promise<readonly Closed[]>;
  /** The first event of the tenant's history that `wanted` accepts. */
  seen(wanted: (event: HistoryEvent) => boolean, after?: number): Promise<HistoryEvent>;
  /** The tenant's whole history after two more reads of the whole list: whatever the app still wanted to do, it has done. */
  calmHistory(): Promise<readonly HistoryEvent[]>;
}

export interface LoggingHost extends RunningHost {
  /** File with the host's log. */
  readonly log: string;
  /** Somebody whom the tenant lets operate the app signs in. */
  operatorToken(): Promise<string>;
}

/** A world on one of the accounts of the shared Azurite. */
export function openWorld(account: Account): Promise<World> {
  const connectionString = inject("storage")[account];
  if (connectionString === undefined) throw new Error(`The shared Azurite has no account "${account}".`);
  return createWorld(account, connectionString);
}

/** What a test rotates the app's secret to: the world reads what is sealed with either. */
export const laterSecret = "another secret: for the simulated tenant only";

export async function createWorld(name: string, connectionString: string): Promise<World> {
  const tenant = await startTenantProcess();
  const { control } = tenant;
  const storage = connectStorage(connectionStringSchema().parse(connectionString), () => {
    throw new Error("Tests use the account's key.");
  });
  const sealedTable = (name: keyof typeof tableNames) =>
    createSealedTable(patientReads(storage.table(tableNames[name])), {
      name,
      keys: deriveKeys({ current: localSecret, previous: laterSecret }, "seal"),
      clock: systemClock,
      onForged: () => undefined,
    });
  const sealed = { principals: sealedTable("principals"), state: sealedTable("state") };
  const { principals } = sealed;
  const hosts: LoggingHost[] = [];
  let started = 0;

  const stored = async (principalId: string) => (await loadPrincipal(principals, principalId)).state;
  const seen: World["seen"] = (wanted, after = 0) => control.waitFor(wanted, { after, timeoutMs: patience });
  const listed = async (after: number) => {
    const isList = (event: HistoryEvent) => event.event === "graphCalled" && !event.inBatch && isListPath(event.path);
    return (await seen(isList, after)).seq;
  };

  return {
    tenant,
    control,
    storage,
    sealed,
    connectionString,
    async startHost(settings = {}, graph = tenant, port = 0) {
      started += 1;
      const log = `${logs}${name}-${started}.log`;
      await mkdir(logs, { recursive: true });
      await rm(log, { force: true });
      const defaults = { CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: "all", RESYNC_SECONDS: "5" };
      const host = await startHostProcess({
        tenant: { url: graph.url, identity: tenant.identity, operators: tenant.operators },
        connectionString,
        settings: { ...defaults, ...settings },
        log,
        port,
      });
      const operatorToken = async () => (await control.operatorToken({ roles: ["Cutoff.Operate"] })).accessToken;
      const logging = { ...host, log, operatorToken };
      hosts.push(logging);
      return logging;
    },
    stored,
    seen,
    async awaitHoldings(principalId, count = 1) {
      await eventually(async () => {
        const { holdings } = await stored(principalId);
        if (holdings.size < count) throw new Error(`${holdings.size} of ${count} holdings are stored.`);
      });
    },
    closed: (principalId, count = 1) =>
      eventually(async () => {
        const ends = [...(await stored(principalId)).revocations.values()].map(({ progress }) => progress);
        const closed = ends.filter((progress) => progress.state === "closed");
        if (closed.length < count || closed.length < ends.length) {
          throw new Error(`${count} outcomes are wanted, and there is ${JSON.stringify(ends)}.`);
        }
        return closed;
      }),
    async calmHistory() {
      const past = await control.history();
      await listed(await listed(past.at(-1)?.seq ?? 0));
      return control.history();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(hosts.map((host) => host.kill()));
      try {
        const { envelopes } = await control.telemetry();
        const logs = hosts.map(({ log }) => log);
        await expectNothingRedacted(name, logs, envelopes);
      } finally {
        await tenant.stop();
      }
    },
  };
}

const isListPath = (path: string): boolean =>
  path.includes("/roleAssignmentScheduleInstances") && !path.includes("principalId");

/** Tries again until it succeeds. */
export const eventually = <T>(attempt: () => Promise<T>): Promise<T> =>
  vi.waitFor(attempt, { timeout: patience, interval: 200 });
