import { ManagedIdentityCredential } from "@azure/identity";
import { decodeJwt } from "jose";
import { afterEach, expect, test, vi } from "vitest";
import { tenantForTest } from "../fixture.ts";

afterEach(() => vi.unstubAllEnvs());

const query = "api-version=2019-08-01&resource=https://graph.microsoft.com";

test("serves the real ManagedIdentityCredential as App Service does", async () => {
  const { tenant, graph, control } = await tenantForTest({ scale: 1 });
  vi.stubEnv("IDENTITY_ENDPOINT", tenant.identityEndpoint);
  vi.stubEnv("IDENTITY_HEADER", tenant.identityHeader);
  const { token } = await new ManagedIdentityCredential().getToken("https://graph.microsoft.com/.default");
  expect(decodeJwt(token)).toMatchObject({
    aud: "https://graph.microsoft.com",
    tid: tenant.tenantId,
    appid: expect.any(String),
    roles: expect.arrayContaining(["User.RevokeSessions.All"]),
  });
  const { id } = await control.createUser({ name: "jane" });
  const answer = await graph(`/users/${id}?$select=id`, undefined, { authorization: `Bearer ${token}` });
  expect(answer.body).toMatchObject({ id });
});

test.each([
  ["a wrong header", 401, query, "wrong"],
  ["another api-version", 400, query.replace("2019-08-01", "2017-09-01"), null],
  ["another resource", 400, "api-version=2019-08-01&resource=https://vault.azure.net", null],
  ["an identity that is not assigned", 400, `${query}&client_id=00000000-0000-4000-8000-000000000000`, null],
])("refuses %s with %i", async (_name, status, search, header) => {
  const { tenant } = await tenantForTest();
  const headers = { "X-IDENTITY-HEADER": header ?? tenant.identityHeader };
  const response = await fetch(`${tenant.identityEndpoint}?${search}`, { headers });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ message: expect.any(String) });
});
