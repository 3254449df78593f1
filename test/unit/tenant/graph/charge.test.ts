import { expect, test } from "vitest";
import { costOf } from "../../../../local/tenant/graph/charge.ts";
import { codeOf, tenantForTest } from "../fixture.ts";

test.each([
  [2, "", 2],
  [2, "$select=id", 1],
  [3, "$select=id&$top=5", 1],
  [1, "$select=id", 1],
  [1, "$expand=principal", 2],
  [5, "$top=20", 5],
])("a base cost of %i with '%s' is %i", (units, query, expected) => {
  expect(costOf({ units, writes: 0 }, new URLSearchParams(query))).toEqual({ units: expected, writes: 0 });
});

test("says what a call cost, and warns above four fifths of a limit", async () => {
  const { control, graph } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  await control.changeSettings({ quotas: { resourceUnitsPer10Seconds: 10 } });
  const seen = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const { headers } = await graph(`/users/${id}`);
    seen.push([headers.get("x-ms-resource-unit"), headers.get("x-ms-throttle-limit-percentage")]);
  }
  expect(seen).toEqual([...Array(4).fill(["2", null]), ["2", "1.00"]]);
});

test("throttles when the units are spent, until they have come back", async () => {
  const { control, graph } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  await control.changeSettings({ quotas: { resourceUnitsPer10Seconds: 4 } });
  const read = () => graph(`/users/${id}`);
  await read();
  await read();
  const refused = await read();
  expect([refused.status, codeOf(refused), refused.headers.get("retry-after")]).toEqual([429, "TooManyRequests", "5"]);
  expect(refused.headers.get("x-ms-throttle-scope")).toMatch(/^Tenant_Application\/ReadWrite\/[^/]+\/[^/]+$/);
  expect(refused.headers.get("x-ms-throttle-information")).toBe("ResourceUnitLimitExceeded");
  await control.setClock({ jumpMs: 4000 });
  expect((await read()).status).toBe(429);
  await control.setClock({ jumpMs: 1000 });
  expect((await read()).status).toBe(200);
});

test("counts writes apart from units", async () => {
  const { control, revoke, graph } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  await control.changeSettings({ quotas: { writesPer150Seconds: 1 } });
  expect((await revoke(id)).status).toBe(200);
  const refused = await revoke(id);
  expect([refused.status, refused.headers.get("x-ms-throttle-information")]).toEqual([429, "WriteLimitExceeded"]);
  expect((await graph(`/users/${id}`)).status).toBe(200);
  expect(await control.history()).toContainEqual(expect.objectContaining({ event: "revokeRefused", status: 429 }));
});
