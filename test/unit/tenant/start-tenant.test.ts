import { expect, test } from "vitest";
import { startTenant } from "../../../local/tenant/start-tenant.ts";
import { tenantForTest } from "./fixture.ts";

test.each([3_600_000, -3_600_000])("can be %i ms ahead of this machine", async (offsetMs) => {
  const before = Date.now();
  const { control } = await tenantForTest({ offsetMs });
  const offset = Date.parse((await control.clock()).now) - offsetMs;
  expect(offset).toBeGreaterThanOrEqual(before);
  expect(offset).toBeLessThanOrEqual(Date.now());
});

test("rejects when its port is taken", async () => {
  const { tenant } = await tenantForTest();
  await expect(startTenant({ port: Number(new URL(tenant.url).port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("listens on loopback only", async () => {
  const { tenant } = await tenantForTest();
  expect(tenant.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(tenant.identityEndpoint.startsWith(tenant.url)).toBe(true);
});
