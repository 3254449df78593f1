import { expect, test } from "vitest";
import { codeOf, tenantForTest } from "../fixture.ts";

async function withJane() {
  const world = await tenantForTest();
  const { id } = await world.control.createUser({ name: "jane" });
  const happened = async (event: string) => (await world.control.history()).filter((entry) => entry.event === event);
  return { ...world, id, happened };
}

test("a status before the effect leaves the call undone", async () => {
  const { control, revoke, id, happened } = await withJane();
  await control.addFault({ path: "/v1.0/users/.*revoke", fault: { kind: "status", statuses: [503] } });
  const answer = await revoke(id);
  expect([answer.status, codeOf(answer)]).toEqual([503, "ServiceUnavailable"]);
  expect(await happened("revokeAccepted")).toEqual([]);
  expect(await happened("revokeRefused")).toMatchObject([{ userId: id, status: 503 }]);
  await control.clearFaults();
  expect((await revoke(id)).status).toBe(200);
});

test("a status after the effect hides that the call was carried out", async () => {
  const { control, revoke, id, happened } = await withJane();
  await control.addFault({ path: "revoke", fault: { kind: "status", when: "afterEffect", statuses: [504] } });
  expect((await revoke(id)).status).toBe(504);
  expect(await happened("revokeAccepted")).toHaveLength(1);
  expect(await happened("revokeRefused")).toEqual([]);
});

test.each([
  ["beforeEffect", 0],
  ["afterEffect", 1],
] as const)("a connection dropped %s means %i accepted", async (when, accepted) => {
  const { control, revoke, id, happened } = await withJane();
  await control.addFault({ path: "revoke", fault: { kind: "drop", when } });
  await expect(revoke(id)).rejects.toThrow("fetch failed");
  expect(await happened("revokeAccepted")).toHaveLength(accepted);
  expect(await happened("revokeRefused")).toHaveLength(1 - accepted);
});

test("a hung call has no answer, and does not keep the tenant from closing", async () => {
  const { control, revoke, id, tenant } = await withJane();
  await control.addFault({ path: "revoke", fault: { kind: "hang" } });
  const hung = revoke(id).then(
    () => "answered",
    () => "cut off",
  );
  await control.waitFor(({ event }) => event === "faultApplied");
  await tenant.close();
  expect(await hung).toBe("cut off");
});

test("latency before the effect comes before it, and the answer is unchanged", async () => {
  const { control, revoke, id } = await withJane();
  await control.addFault({ path: "revoke", fault: { kind: "latency", milliseconds: 5 } });
  expect((await revoke(id)).status).toBe(200);
  const order = (await control.history()).map(({ event }) => event);
  expect(order.slice(order.indexOf("faultApplied"), -1)).toEqual(["faultApplied", "revokeAccepted", "userChanged"]);
});

test("rules count, skip and match by method", async () => {
  const { control, graph, revoke, id } = await withJane();
  await control.addFault({
    method: "get",
    path: "/users/",
    skip: 1,
    count: 2,
    fault: { kind: "status", statuses: [500] },
  });
  expect((await revoke(id)).status).toBe(200);
  const statuses = [];
  for (let turn = 0; turn < 4; turn += 1) statuses.push((await graph(`/users/${id}`)).status);
  expect(statuses).toEqual([200, 500, 500, 200]);
});

test("a rate is a share of the calls, the same with the same seed", async () => {
  const run = async () => {
    const { control, graph, id } = await withJane();
    await control.addFault({ path: "/users/", rate: 0.5, fault: { kind: "status", statuses: [502] } });
    const statuses = [];
    for (let turn = 0; turn < 30; turn += 1) statuses.push((await graph(`/users/${id}`)).status);
    return statuses;
  };
  const first = await run();
  expect(new Set(first)).toEqual(new Set([200, 502]));
  expect(await run()).toEqual(first);
});

test("calling before a Retry-After is over gets 429 again, with what is left", async () => {
  const { control, graph, revoke, id } = await withJane();
  await control.addFault({
    path: "revoke",
    count: 1,
    fault: { kind: "status", statuses: [429], retryAfterSeconds: 5 },
  });
  expect((await revoke(id)).headers.get("retry-after")).toBe("5");
  await control.setClock({ jumpMs: 3000 });
  const soon = await graph(`/users/${id}`);
  expect([soon.status, soon.headers.get("retry-after")]).toEqual([429, "2"]);
  expect((await graph("/roleManagement/directory/roleDefinitions")).status).toBe(200);
  await control.setClock({ jumpMs: 2000 });
  expect((await revoke(id)).status).toBe(200);
});

test("a rule may choose among statuses; Retry-After comes with 429 and 503 only", async () => {
  const { control, graph } = await withJane();
  const statuses = [429, 500, 502, 503, 504];
  await control.addFault({ path: "/users/", fault: { kind: "status", statuses, retryAfterSeconds: 1 } });
  const seen = new Map<number, string | null>();
  for (let turn = 0; turn < 60; turn += 1) {
    const { status, headers } = await graph("/users/nobody");
    seen.set(status, headers.get("retry-after"));
    await control.setClock({ jumpMs: 1000 });
  }
  expect(Object.fromEntries(seen)).toEqual({ 429: "1", 500: null, 502: null, 503: "1", 504: null });
});

test("a rule that another one forestalls keeps its count", async () => {
  const { control, graph } = await withJane();
  await control.addFault({ path: "/users/", count: 1, fault: { kind: "status", statuses: [500] } });
  await control.addFault({ path: "/users/", count: 1, fault: { kind: "status", statuses: [502] } });
  expect([(await graph("/users/a")).status, (await graph("/users/b")).status]).toEqual([500, 502]);
});

test("an answer that breaks off was carried out, and is no JSON", async () => {
  const { control, tenant, token, id, happened } = await withJane();
  await control.addFault({ path: "revoke", fault: { kind: "truncate" } });
  const answer = await fetch(`${tenant.url}/v1.0/users/${id}/revokeSignInSessions`, {
    method: "POST",
    headers: { "Content-Type": "application/json", authorization: `Bearer ${await token()}` },
    body: "{}",
  });
  const text = await answer.text();
  expect(answer.status).toBe(200);
  expect(text).toMatch(/^\{"@odata\.context"/);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
  expect(await happened("revokeAccepted")).toHaveLength(1);
});
