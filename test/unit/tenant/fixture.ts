import { afterEach } from "vitest";
import { z } from "zod";
import { createTenantClient } from "../../../local/tenant/client.ts";
import { startTenant, type TenantOptions } from "../../../local/tenant/start-tenant.ts";

export const userAdministrator = "fe930be7-5e62-47db-91af-98c3a49a38b1";
export const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((tenant) => tenant.close()));
});

const appToken = z.object({ access_token: z.string(), expires_on: z.string() });

/** A tenant that is closed after the test, its control client, and Graph as the managed identity sees it. Time stands still. */
export async function tenantForTest(options: TenantOptions = {}) {
  const tenant = await startTenant({ scale: 0, ...options });
  running.push(tenant);
  const control = createTenantClient(tenant.url);
  const token = async (identityHeader = tenant.identityHeader) => {
    const query = "api-version=2019-08-01&resource=https://graph.microsoft.com";
    const headers = { "X-IDENTITY-HEADER": identityHeader };
    const response = await fetch(`${tenant.identityEndpoint}?${query}`, { headers });
    return appToken.parse(await response.json()).access_token;
  };
  const graph = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const post = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const url = path.startsWith("http") ? path : `${tenant.url}/v1.0${path}`;
    const authorization = `Bearer ${await token()}`;
    return readJson(
      await fetch(url, { ...post, headers: { "Content-Type": "application/json", authorization, ...headers } }),
    );
  };
  const revoke = (userId: string) => graph(`/users/${userId}/revokeSignInSessions`, {});
  const resource = async (accessToken: string, path: string) =>
    readJson(await fetch(`${tenant.url}/resources/${path}`, { headers: { authorization: `Bearer ${accessToken}` } }));
  const refresh = async (refreshToken: string) => {
    const body = new URLSearchParams({ grant_type: "refresh_token", client_id: "any", refresh_token: refreshToken });
    return readJson(await fetch(`${tenant.url}/${tenant.tenantId}/oauth2/v2.0/token`, { method: "POST", body }));
  };
  /** A user who has just activated User Administrator for `durationSeconds`. */
  const activated = async (durationSeconds = 3600) => {
    const { id } = await control.createUser({ name: "jane" });
    const privilege = { principalId: id, roleDefinitionId: userAdministrator };
    await control.makeEligible(privilege);
    return { userId: id, ...(await control.activate({ ...privilege, durationSeconds })) };
  };
  return { tenant, control, token, graph, revoke, resource, refresh, activated };
}

const json = z.looseObject({
  value: z.unknown().optional(),
  error: z.unknown().optional(),
  "@odata.nextLink": z.string().optional(),
});

async function readJson(response: Response) {
  return { status: response.status, headers: response.headers, body: json.parse(await response.json()) };
}

/** The rows of a Graph list. */
export function rowsOf({ body }: { body: z.infer<typeof json> }) {
  return z.array(z.record(z.string(), z.unknown())).parse(body.value);
}

/** `error.code` of Graph's error body. */
export function codeOf({ body }: { body: z.infer<typeof json> }): string {
  return z.object({ code: z.string() }).parse(body.error).code;
}
