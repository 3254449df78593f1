import { expect, test } from "vitest";
import { codeOf, tenantForTest } from "../fixture.ts";

test("answers true and moves signInSessionsValidFromDateTime to the present second", async () => {
  const { control, graph, revoke, tenant } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  const { now } = await control.setClock({ jumpMs: 5000 });
  const answer = await revoke(id);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ "@odata.context": `${tenant.url}/v1.0/$metadata#Edm.Boolean`, value: true });
  const { body } = await graph(`/users/${id}?$select=signInSessionsValidFromDateTime`);
  expect(body.signInSessionsValidFromDateTime).toBe(`${now.slice(0, 19)}Z`);
  const accepted = (await control.history()).filter(({ event }) => event === "revokeAccepted");
  expect(accepted).toEqual([expect.objectContaining({ userId: id, effective: true, at: now })]);
});

test("reads lag behind the primary", async () => {
  const { control, graph, revoke } = await tenantForTest();
  const { id } = await control.createUser({ name: "jane" });
  await control.setClock({ jumpMs: 5000 });
  await control.replicate({ store: "users", lagsMs: [2000] });
  const readBack = async () =>
    (await graph(`/users/${id}?$select=signInSessionsValidFromDateTime`)).body.signInSessionsValidFromDateTime;
  const before = await readBack();
  await revoke(id);
  expect(await readBack()).toBe(before);
  await control.setClock({ jumpMs: 2000 });
  expect(await readBack()).not.toBe(before);
});

test.each(["guest", "externalMember"] as const)("says true for a %s and does nothing", async (kind) => {
  const { control, revoke, refresh } = await tenantForTest();
  const { id } = await control.createUser({ name: "sam", kind });
  const session = await control.signIn({ userId: id, client: "portal", cae: true });
  await control.setClock({ jumpMs: 5000 });
  const answer = await revoke(id);
  expect(answer.body.value).toBe(true);
  expect((await refresh(session.refreshToken)).status).toBe(200);
  expect(await control.history()).toContainEqual(
    expect.objectContaining({ event: "revokeAccepted", effective: false }),
  );
});

test("an unknown user is refused, and the history says so", async () => {
  const { control, revoke } = await tenantForTest();
  const userId = "00000000-0000-4000-8000-000000000000";
  const answer = await revoke(userId);
  expect([answer.status, codeOf(answer)]).toEqual([404, "Request_ResourceNotFound"]);
  expect(await control.history()).toContainEqual(
    expect.objectContaining({ event: "revokeRefused", userId, status: 404 }),
  );
});
