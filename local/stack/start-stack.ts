import { fileURLToPath } from "node:url";
import { z } from "zod";
import { type Azurite, startAzurite } from "../azurite/start-azurite.ts";
import { createTenantClient, type TenantClient } from "../tenant/client.ts";
import { spawnListening } from "./spawn-listening.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface RunningTenant {
  readonly url: string;
  readonly tenantId: string;
  readonly control: TenantClient;
  /** What the identity endpoint of App Service would set. */
  readonly identity: Readonly<Record<"IDENTITY_ENDPOINT" | "IDENTITY_HEADER", string>>;
  /** The settings by which the app knows its operators. */
  readonly operators: Readonly<Record<"OPERATORS_AUDIENCE" | "AZURE_TENANT_ID", string>>;
  stop(): Promise<void>;
}

export interface RunningHost {
  readonly url: string;
  readonly masterKey: string;
  readonly functionKey: string;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** The app's secret on this machine: it guards a simulated tenant and nothing else. */
export const localSecret = "no secret: for the simulated tenant only";

const tenantLine = z.object({
  url: z.string(),
  tenantId: z.string(),
  identityEndpoint: z.string(),
  identityHeader: z.string(),
  operatorsAudience: z.string(),
});
/** What a host prints once it listens. */
export const hostLine = z.object({ url: z.string(), masterKey: z.string(), functionKey: z.string() });

/** The simulated tenant as a process of its own. */
export async function startTenantProcess(args: readonly string[] = []): Promise<RunningTenant> {
  const { listening, stop } = await spawnListening("local/tenant/main.ts", args, { cwd: root });
  const { url, tenantId, identityEndpoint, identityHeader, operatorsAudience } = tenantLine.parse(listening);
  return {
    url,
    tenantId,
    control: createTenantClient(url),
    identity: { IDENTITY_ENDPOINT: identityEndpoint, IDENTITY_HEADER: identityHeader },
    operators: { OPERATORS_AUDIENCE: operatorsAudience, AZURE_TENANT_ID: tenantId },
    stop,
  };
}

export interface HostOptions {
  readonly tenant: Pick<RunningTenant, "url" | "identity" | "operators">;
  readonly connectionString: string;
  /** App settings on top of those that the stack sets. */
  readonly settings?: Readonly<Record<string, string>>;
  /** File for the host's log. */
  readonly log?: string;
  readonly port?: number;
}

/** The app settings with which the stack starts the app. */
export const appSettings = ({
  tenant,
  connectionString,
  settings = {},
}: Pick<HostOptions, "tenant" | "connectionString" | "settings">): Readonly<Record<string, string>> => ({
  AzureWebJobsStorage: connectionString,
  GRAPH_ENDPOINT: tenant.url,
  CUTOFF_SECRET: localSecret,
  ...tenant.operators,
  ...settings,
});

/** The built app on the local host, as a process of its own, connected to the tenant and to storage. */
export async function startHostProcess({ log, port = 0, ...parts }: HostOptions): Promise<RunningHost> {
  const env = { PATH: process.env.PATH, ...parts.tenant.identity, ...appSettings(parts) };
  const options = { cwd: root, env, ...(log === undefined ? {} : { log }) };
  const { listening, pid, stop, kill } = await spawnListening("local/host/main.ts", ["--port", `${port}`], options);
  return { ...hostLine.parse(listening), pid, stop, kill };
}

export interface Stack {
  readonly tenant: RunningTenant;
  readonly azurite: Azurite;
  readonly host: RunningHost;
  stop(): Promise<void>;
}

/** Storage, tenant and host together. */
export async function startStack(
  settings: Readonly<Record<string, string>>,
  { log, port }: { log?: string; port?: number } = {},
): Promise<Stack> {
  const [azurite, tenant] = await Promise.all([startAzurite(), startTenantProcess()]);
  const host = await startHostProcess({
    tenant,
    connectionString: azurite.connectionString,
    settings,
    ...(log === undefined ? {} : { log }),
    ...(port === undefined ? {} : { port }),
  });
  return {
    tenant,
    azurite,
    host,
    async stop() {
      await host.stop();
      await Promise.all([tenant.stop(), azurite.stop()]);
    },
  };
}
