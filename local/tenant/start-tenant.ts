import { once } from "node:events";
import { identityPath } from "./http/dispatch.ts";
import { createTenantServer } from "./http/serve.ts";
import { createIdentity } from "./identity/identity.ts";
import { closeTenant, createTenant } from "./tenant.ts";

export interface TenantOptions {
  /** Port on loopback; 0, the default, takes any free one. */
  port?: number;
  /** Seed of everything random, default 1. Keys and token texts are never seeded. */
  seed?: number;
  /** How many times faster than real time the tenant's clock runs, default 1; 0 stops it, so that only jumps move it. */
  scale?: number;
  /** How far the tenant's clock is ahead of this machine's, in milliseconds, default 0; negative when it is behind. */
  offsetMs?: number;
}

export interface RunningTenant {
  readonly url: string;
  /** For `IDENTITY_ENDPOINT`. */
  readonly identityEndpoint: string;
  /** For `IDENTITY_HEADER`. */
  readonly identityHeader: string;
  readonly tenantId: string;
  /** For `OPERATORS_AUDIENCE`. */
  readonly operatorsAudience: string;
  close(): Promise<void>;
}

/** Starts a simulated tenant on 127.0.0.1. Rejects when the port is taken. */
export async function startTenant(options: TenantOptions = {}): Promise<RunningTenant> {
  const identity = createIdentity();
  const { port = 0, seed = 1, scale = 1, offsetMs = 0 } = options;
  const create = () => createTenant(identity, { seed, scale, offsetMs });
  let tenant = create();
  const server = createTenantServer(
    () => tenant,
    () => {
      closeTenant(tenant);
      tenant = create();
    },
  );
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no TCP port");
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    identityEndpoint: `${url}${identityPath}`,
    identityHeader: identity.identityHeader,
    tenantId: identity.tenantId,
    operatorsAudience: identity.operatorsAppId,
    async close() {
      closeTenant(tenant);
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections(); // hung requests would keep it open for ever
      await closed;
    },
  };
}
