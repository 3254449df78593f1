import { QueueClient } from "@azure/storage-queue";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Stack, startStack } from "../../local/stack/start-stack.ts";

const userAdministrator = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const healthSchema = z.object({
  stopped: z.boolean(),
  problems: z.array(z.string()),
  threshold: z.object({ held: z.number(), plannedReachedAt: z.string().nullable() }),
  deadLetters: z.number(),
  newestDeadLetters: z.array(z.object({ messageId: z.string(), principalId: z.string().nullable(), code: z.string() })),
});

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    CUTOFF_MODE: "enforce",
    INCLUDED_PRINCIPALS: "all",
    RESYNC_SECONDS: "5",
    THRESHOLD_PLANNED: "1",
  });
}, 60_000);
afterAll(() => stack.stop());

async function call(method: string, path: string, body?: string, key = stack.host.functionKey): Promise<Response> {
  const { accessToken } = await stack.tenant.control.operatorToken({ roles: ["Cutoff.Operate"] });
  const headers = {
    "x-functions-key": key,
    "content-type": "application/json",
    authorization: `Bearer ${accessToken}`,
  };
  return fetch(`${stack.host.url}/api/${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

async function operate(action: string, body: object = {}): Promise<number> {
  const response = await call("POST", `operations/${action}`, JSON.stringify({ reason: "e2e", ...body }));
  expect(response.status).toBe(200);
  return z.object({ principals: z.number() }).parse(await response.json()).principals;
}

const health = async () => healthSchema.parse(await (await call("GET", "health")).json());

async function createUser(name: string): Promise<string> {
  const { id } = await stack.tenant.control.createUser({ name });
  return id;
}

async function activate(principalId: string, durationSeconds: number): Promise<void> {
  const privilege = { principalId, roleDefinitionId: userAdministrator };
  await stack.tenant.control.makeEligible(privilege);
  await stack.tenant.control.activate({ ...privilege, durationSeconds });
}

const revoked = async () =>
  (await stack.tenant.control.history()).flatMap((event) => (event.event === "revokeAccepted" ? [event.userId] : []));

test("stop holds everything, resume lets go up to the threshold, release the rest: one user, then all", {
  timeout: 120_000,
}, async () => {
  // Else Graph's audit log would corroborate these ends, and the threshold would let them pass.
  await stack.tenant.control.changeSettings({ audit: { offered: false } });
  await operate("stop");
  const users = await Promise.all(["Ada", "Bo", "Cy"].map(createUser));
  await Promise.all(users.map((id) => activate(id, 8)));
  const pending = async () =>
    z.object({ pending: z.object({ principals: z.number() }) }).parse(await (await call("GET", "health")).json());
  await expect.poll(pending, { timeout: 40_000, interval: 500 }).toMatchObject({ pending: { principals: 3 } });
  expect(await revoked()).toEqual([]);
  expect((await health()).stopped).toBe(true);

  expect(await operate("resume")).toBe(0);
  expect((await health()).stopped).toBe(true);
  expect(await operate("resume", { carryOutPending: false })).toBe(3);
  await expect.poll(async () => (await health()).threshold.held, { timeout: 20_000, interval: 500 }).toBe(2);
  const [first, ...others] = await revoked();
  expect(others).toEqual([]);
  const { problems, threshold } = await health();
  expect(problems).toEqual([expect.stringContaining("/api/operations/release")]);
  expect(threshold.plannedReachedAt).not.toBeNull();

  const [second, third] = users.filter((id) => id !== first);
  expect(await operate("release", { principalId: second })).toBe(1);
  await expect.poll(revoked, { timeout: 20_000 }).toEqual([first, second]);
  expect(await operate("release")).toBe(1);
  await expect.poll(revoked, { timeout: 20_000 }).toEqual([first, second, third]);
  await expect.poll(async () => (await health()).threshold.held, { timeout: 20_000, interval: 500 }).toBe(0);
  expect(await revoked()).toHaveLength(3);
});

test("a dead letter is shown with its reason, and redriving it makes the pass that it was for", {
  timeout: 60_000,
}, async () => {
  // Somebody without any role: nobody reads them unless a message says so.
  const userId = await createUser("Di");
  const poison = new QueueClient(stack.azurite.connectionString, "reconcile-poison");
  await poison.createIfNotExists();
  const send = (message: unknown) => poison.sendMessage(Buffer.from(JSON.stringify(message)).toString("base64"));
  const { messageId } = await send({ v: 2, kind: "principal", principalId: userId, because: "timer", tries: 0 });
  await send({ v: 9 });
  await expect.poll(async () => (await health()).deadLetters, { timeout: 20_000 }).toBe(2);
  const { newestDeadLetters, problems } = await health();
  expect(newestDeadLetters).toEqual(
    expect.arrayContaining([
      { messageId, principalId: userId, code: "UNKNOWN" },
      { messageId: expect.any(String), principalId: null, code: "SIGNAL_UNREADABLE" },
    ]),
  );
  expect(problems).toEqual([expect.stringContaining("/api/operations/redrive")]);

  const reads = async () =>
    (await stack.tenant.control.history()).filter(
      (event) => event.event === "graphCalled" && event.path.includes(userId),
    ).length;
  expect(await reads()).toBe(0);
  expect(await operate("redrive", { messageId })).toBe(1);
  await expect.poll(reads, { timeout: 20_000 }).toBeGreaterThan(0);
  expect((await health()).newestDeadLetters).toMatchObject([{ principalId: null }]);
  expect(await operate("redrive")).toBe(0);
  expect(await health()).toMatchObject({ deadLetters: 0, problems: [] });
});

test("only a good order with the key is taken", async () => {
  const good = JSON.stringify({ reason: "e2e" });
  expect((await call("POST", "operations/stop", good, "wrong")).status).toBe(401);
  expect((await call("GET", "operations/stop")).status).toBe(404);
  const unknown = await call("POST", "operations/explode", good);
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toEqual({
    error: "UNKNOWN_ACTION",
    actions: ["stop", "review", "resume", "release", "redrive"],
  });
  for (const body of ["", "{}", "[]", '{"reason":""}', '{"reason":"e2e","principal":"all"}']) {
    const refused = await call("POST", "operations/release", body);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: "BAD_OPERATION", problems: [expect.any(String)] });
  }
  expect((await health()).stopped).toBe(false);
});
