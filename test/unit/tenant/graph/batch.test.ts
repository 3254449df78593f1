import { expect, test } from "vitest";
import { z } from "zod";
import { tenantForTest } from "../fixture.ts";

const responses = z.array(
  z.object({
    id: z.string(),
    status: z.number(),
    headers: z.record(z.string(), z.string()),
    body: z.record(z.string(), z.unknown()),
  }),
);

async function batching() {
  const world = await tenantForTest();
  const send = async (requests: unknown[]) => {
    const answer = await world.graph("/$batch", { requests });
    const list = responses.safeParse(answer.body.responses);
    const inOrder = list.success ? list.data : [];
    return { status: answer.status, inOrder, byId: new Map(inOrder.map((item) => [item.id, item])) };
  };
  const user = await world.control.createUser({ name: "jane" });
  return { ...world, send, userId: user.id };
}

const json = { "Content-Type": "application/json" };

test("carries out each item by itself", async () => {
  const { send, userId } = await batching();
  const { status, byId } = await send([
    { id: "read", method: "GET", url: `/users/${userId}?$select=id` },
    { id: "revoke", method: "POST", url: `/users/${userId}/revokeSignInSessions`, headers: json, body: {} },
    { id: "missing", method: "GET", url: "/users/nobody" },
  ]);
  expect(status).toBe(200);
  expect(byId.get("read")).toMatchObject({ status: 200, body: { id: userId } });
  expect(byId.get("revoke")).toMatchObject({ status: 200, body: { value: true } });
  expect(byId.get("missing")).toMatchObject({ status: 404, body: { error: { code: "Request_ResourceNotFound" } } });
});

test("an item whose answer breaks off is Base64 among whole ones, as what is no JSON", async () => {
  const { control, graph, userId } = await batching();
  await control.addFault({ path: "select=id$", fault: { kind: "truncate" } });
  const item = (id: string, select: string) => ({ id, method: "GET", url: `/users/${userId}?$select=${select}` });
  const { body } = await graph("/$batch", { requests: [item("broken", "id"), item("whole", "id,displayName")] });
  const items = z.array(z.object({ id: z.string(), status: z.number(), body: z.unknown() })).parse(body.responses);
  const bodyOf = (wanted: string) => items.find(({ id }) => id === wanted)?.body;
  expect(items.map(({ status }) => status)).toEqual([200, 200]);
  expect(bodyOf("whole")).toMatchObject({ id: userId, displayName: "jane" });
  const half = Buffer.from(z.string().parse(bodyOf("broken")), "base64").toString();
  expect(half).toMatch(/^\{"/);
  expect(() => JSON.parse(half)).toThrow(SyntaxError);
});

test("answers in any order", async () => {
  const { send, userId } = await batching();
  const ids = Array.from({ length: 20 }, (_, index) => String(index));
  const { inOrder } = await send(ids.map((id) => ({ id, method: "GET", url: `/users/${userId}` })));
  expect(inOrder.map(({ id }) => id)).not.toEqual(ids);
  expect(inOrder.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(ids.map(Number));
});

test.each([
  ["no Content-Type", { body: {} }],
  ["no body", { headers: json }],
])("a POST with %s is refused and has no effect", async (_name, part) => {
  const { control, send, userId } = await batching();
  const { byId } = await send([{ id: "1", method: "POST", url: `/users/${userId}/revokeSignInSessions`, ...part }]);
  expect(byId.get("1")?.status).toBe(400);
  expect((await control.history()).some(({ event }) => event === "revokeAccepted")).toBe(false);
});

test("takes at most 20 items, each with its own id", async () => {
  const { send } = await batching();
  const item = (id: number) => ({ id: String(id), method: "GET", url: "/users/nobody" });
  expect((await send(Array.from({ length: 21 }, (_, index) => item(index)))).status).toBe(400);
  expect((await send([item(1), item(1)])).status).toBe(400);
});

test("what depends on a failure fails with 424", async () => {
  const { send, userId } = await batching();
  const { byId } = await send([
    { id: "1", method: "GET", url: "/users/nobody" },
    { id: "2", method: "GET", url: `/users/${userId}`, dependsOn: ["1"] },
    { id: "3", method: "GET", url: `/users/${userId}`, dependsOn: ["2"] },
    { id: "4", method: "GET", url: `/users/${userId}` },
  ]);
  expect(["1", "2", "3", "4"].map((id) => byId.get(id)?.status)).toEqual([404, 424, 424, 200]);
});

test("items are throttled one by one", async () => {
  const { control, send, userId } = await batching();
  await control.changeSettings({ quotas: { writesPer150Seconds: 2 } });
  const revoke = { method: "POST", url: `/users/${userId}/revokeSignInSessions`, headers: json, body: {} };
  const { status, inOrder } = await send(["1", "2", "3"].map((id) => ({ id, ...revoke })));
  expect(status).toBe(200);
  expect(inOrder.map((item) => item.status).sort()).toEqual([200, 200, 429]);
  expect(inOrder.find((item) => item.status === 429)?.headers["Retry-After"]).toBe("75");
});

test("faults reach single items", async () => {
  const { control, send, userId } = await batching();
  await control.addFault({ path: "revokeSignInSessions", fault: { kind: "status", statuses: [503] } });
  const { byId } = await send([
    { id: "1", method: "POST", url: `/users/${userId}/revokeSignInSessions`, headers: json, body: {} },
    { id: "2", method: "GET", url: `/users/${userId}` },
  ]);
  expect([byId.get("1")?.status, byId.get("2")?.status]).toEqual([503, 200]);
});

test("an item's dropped connection is the batch's", async () => {
  const { control, send, userId } = await batching();
  await control.addFault({ path: "revokeSignInSessions", fault: { kind: "drop", when: "afterEffect" } });
  const revoke = { id: "1", method: "POST", url: `/users/${userId}/revokeSignInSessions`, headers: json, body: {} };
  await expect(send([revoke])).rejects.toThrow();
  expect(await control.history()).toContainEqual(expect.objectContaining({ event: "revokeAccepted", userId }));
});
