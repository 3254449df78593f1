import { expect, test } from "vitest";
import { tenantForTest, userAdministrator } from "../fixture.ts";

test.each([
  ["POST", "/users", { name: "" }, "name"],
  ["POST", "/users", { name: "x", admin: true }, "admin"],
  ["POST", "/pim/activate", { principalId: "x", roleDefinitionId: userAdministrator }, "durationSeconds"],
  ["POST", "/faults", { path: "(", fault: { kind: "drop" } }, "regular expression"],
  ["POST", "/replication", { store: "moon" }, "store"],
])("%s %s with a bad body is refused with the reason", async (method, path, body, hint) => {
  const { tenant } = await tenantForTest();
  const response = await fetch(`${tenant.url}/simulator${path}`, { method, body: JSON.stringify(body) });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: { code: "InvalidBody", message: expect.stringContaining(hint) } });
});

test("refuses what does not exist", async () => {
  const { tenant, control } = await tenantForTest();
  expect((await fetch(`${tenant.url}/simulator/nothing`)).status).toBe(404);
  expect((await fetch(`${tenant.url}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${tenant.url}/simulator/users`, { method: "POST", body: "{" })).status).toBe(400);
  await expect(control.hold({ store: "users", replica: 1 })).rejects.toThrow("NoSuchReplica");
  await expect(control.changeUser("00000000-0000-4000-8000-000000000000", { accountEnabled: true })).rejects.toThrow(
    "NoSuchUser",
  );
});

test("waiting for an event ends when it happens, and fails when it does not", async () => {
  const { control } = await tenantForTest();
  const waiting = control.waitFor(({ event }) => event === "userChanged");
  await control.createUser({ name: "jane" });
  expect(await waiting).toMatchObject({ event: "userChanged", change: "created" });
  await expect(control.waitFor(({ event }) => event === "signedIn", { timeoutMs: 20 })).rejects.toThrow("within 20 ms");
});

test("numbers the history, and gives what is new", async () => {
  const { control } = await tenantForTest();
  await control.createUser({ name: "jane" });
  await control.createUser({ name: "sam" });
  expect((await control.history()).map(({ seq }) => seq)).toEqual([1, 2]);
  expect((await control.history(1)).map(({ seq }) => seq)).toEqual([2]);
});

test("the clock runs at the scale asked for and states its time", async () => {
  const { control } = await tenantForTest();
  const before = await control.clock();
  const after = await control.setClock({ jumpMs: 86_400_000 });
  expect(Date.parse(after.now) - Date.parse(before.now)).toBe(86_400_000);
  expect((await control.setClock({ scale: 100 })).scale).toBe(100);
  await control.setClock({ scale: 0 });
  expect(Date.parse((await control.clock()).now)).toBeGreaterThanOrEqual(Date.parse(after.now));
});

test("a reset forgets everything but the app's identity", async () => {
  const { control, graph, token, activated } = await tenantForTest();
  const { userId } = await activated();
  const authorization = `Bearer ${await token()}`;
  await control.reset();
  expect(await control.history()).toEqual([]);
  expect((await graph(`/users/${userId}`, undefined, { authorization })).status).toBe(404);
});
