import { expect, test } from "vitest";
import { codeOf } from "../fixture.ts";
import { inMinutes, subscribedTenant } from "../notifications/subscribed.ts";

test("creates a subscription once both URLs have answered the handshake", async () => {
  const { subscribe, control, endpoint, group, tenant } = await subscribedTenant();
  const { status, body } = await subscribe();
  expect(status).toBe(201);
  expect(body).toMatchObject({
    resource: `groups/${group}/members`,
    changeType: "updated",
    clientState: "secret",
    notificationUrl: endpoint.url,
    lifecycleNotificationUrl: endpoint.lifecycleUrl,
    latestSupportedTlsVersion: "v1_2",
    notificationContentType: "application/json",
    "@odata.context": `${tenant.url}/v1.0/$metadata#subscriptions/$entity`,
  });
  const history = await control.history();
  const asked = history.flatMap((event) => (event.event === "endpointValidated" ? [[event.url, event.outcome]] : []));
  expect(asked).toEqual([
    [endpoint.url, "valid"],
    [endpoint.lifecycleUrl, "valid"],
  ]);
  expect(history.at(-2)).toMatchObject({ event: "subscriptionCreated", subscriptionId: body.id });
});

test.each([
  ["an unknown resource", { resource: "directoryRoles" }, "InvalidRequest"],
  ["PIM", { resource: "roleManagement/directory/roleAssignmentScheduleInstances" }, "InvalidRequest"],
  ["the audit log", { resource: "auditLogs/directoryAudits", changeType: "created" }, "InvalidRequest"],
  ["a change type that groups do not have", { changeType: "created,updated" }, "InvalidRequest"],
  ["a client state of 129 characters", { clientState: "x".repeat(129) }, "InvalidRequest"],
  ["no notification URL", { notificationUrl: undefined }, "InvalidRequest"],
  ["another machine", { notificationUrl: "https://example.com/" }, "InvalidRequest"],
  ["no date", { expirationDateTime: "soon" }, "InvalidRequest"],
  ["a date that is over", { expirationDateTime: "2020-01-01T00:00:00Z" }, "InvalidRequest"],
])("refuses %s with 400", async (_name, over, code) => {
  const { subscribe, control } = await subscribedTenant();
  const refused = await subscribe(over);
  expect(refused.status).toBe(400);
  expect(refused.body.error).toMatchObject({ code });
  expect(await control.subscriptions()).toEqual([]);
  expect((await control.history()).at(-2)).toMatchObject({ event: "subscriptionRefused", status: 400, code });
});

test("refuses a lifetime over 41,760 minutes, or shortens it, and raises one under 45", async () => {
  const { subscribe, subscribed, control } = await subscribedTenant();
  const { now } = await control.clock();
  expect((await subscribe({ expirationDateTime: inMinutes(now, 41_761) })).status).toBe(400);
  await control.changeSettings({ notifications: { tooLong: "shorten" } });
  await subscribed({ expirationDateTime: inMinutes(now, 50_000) });
  await subscribed({ resource: "users", expirationDateTime: inMinutes(now, 1) });
  const ends = (await control.subscriptions()).map(({ expirationDateTime }) => Date.parse(expirationDateTime));
  expect(ends).toEqual([41_760, 45].map((minutes) => Date.parse(inMinutes(now, minutes))));
});

test("takes the read permission of the resource and no other", async () => {
  const { subscribe, send, control } = await subscribedTenant();
  await control.changeSettings({ permissions: ["User.Read.All", "Group.ReadWrite.All"] });
  expect((await subscribe()).status).toBe(403);
  const users = await subscribe({ resource: "/users" });
  expect(users.status).toBe(201);
  await control.changeSettings({ permissions: [] });
  const renewed = await send("PATCH", `/subscriptions/${users.body.id}`, {
    expirationDateTime: inMinutes((await control.clock()).now, 100),
  });
  expect(renewed.status).toBe(403);
  expect((await send("DELETE", `/subscriptions/${users.body.id}`)).status).toBe(403);
});

test("a second subscription to the same is a conflict, in the documented words", async () => {
  const { subscribe, subscribed, group } = await subscribedTenant();
  const id = await subscribed({ changeType: "updated,deleted" });
  const refused = await subscribe({
    resource: `/Groups/${group.toUpperCase()}/members`,
    changeType: "deleted, updated",
  });
  expect(refused.status).toBe(409);
  expect(refused.body.error).toMatchObject({
    message: `Subscription Id ${id} already exists for the requested combination`,
  });
  await subscribed({ changeType: "deleted" });
});

test("of two at the same time one is a conflict", async () => {
  const { subscribe } = await subscribedTenant();
  const answers = await Promise.all([subscribe(), subscribe()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
});

test("the quota of an app and that of the tenant are a 403", async () => {
  const { subscribe, subscribed, control } = await subscribedTenant();
  await control.changeSettings({ notifications: { subscriptionsPerApp: 1 } });
  await subscribed();
  expect((await subscribe({ resource: "groups" })).status).toBe(403);
  await control.changeSettings({ notifications: { subscriptionsPerApp: 9, subscriptionsPerTenant: 1 } });
  expect((await subscribe({ resource: "groups" })).status).toBe(403);
});

test("an app sees its own subscriptions, without their client state, and no other app's", async () => {
  const { send, subscribed, control, wanted, token: theirToken } = await subscribedTenant();
  const own = await subscribed();
  const other = await control.createApp();
  const token = await theirToken(other.identityHeader);
  const foreign = await send("POST", "/subscriptions", await wanted(), token);
  expect(foreign.body).toMatchObject({ applicationId: other.appId });
  const listed = await send("GET", "/subscriptions");
  expect(listed.body.value).toEqual([expect.objectContaining({ id: own, clientState: null })]);
  expect((await send("GET", `/subscriptions/${own}`)).body).toMatchObject({ id: own, clientState: null });
  for (const method of ["GET", "DELETE"]) {
    expect((await send(method, `/subscriptions/${foreign.body.id}`)).status).toBe(404);
  }
  expect((await control.subscriptions()).length).toBe(2);
});

test("a PATCH moves the expiry and nothing else", async () => {
  const { send, subscribed, control, pass } = await subscribedTenant();
  const id = await subscribed();
  const { now } = await pass(60_000);
  const end = inMinutes(now, 41_000);
  const renewed = await send("PATCH", `/subscriptions/${id}`, { expirationDateTime: end });
  expect(renewed).toMatchObject({ status: 200, body: { id } });
  expect((await control.subscriptions())[0]?.expirationDateTime).toBe(end.replace("Z", "0000Z"));
  const moved = await send("PATCH", `/subscriptions/${id}`, { expirationDateTime: end, clientState: "other" });
  expect(codeOf({ body: { error: moved.body.error } })).toBe("InvalidRequest");
});

test("a subscription that is deleted, expired or lost is not found", async () => {
  const { send, subscribed, control, pass, seen } = await subscribedTenant();
  const deleted = await subscribed();
  expect((await send("DELETE", `/subscriptions/${deleted}`)).status).toBe(204);
  const lost = await subscribed();
  await control.loseSubscription(lost);
  const expired = await subscribed({ lifecycleNotificationUrl: null });
  await pass(41_001 * 60_000);
  await seen("subscriptionExpired");
  for (const id of [deleted, lost, expired]) {
    const expirationDateTime = inMinutes((await control.clock()).now, 100);
    expect((await send("PATCH", `/subscriptions/${id}`, { expirationDateTime })).status).toBe(404);
  }
});

test("reauthorizing does not extend, and is recognised when it comes too soon after a PATCH", async () => {
  const { send, subscribed, control, pass } = await subscribedTenant();
  const id = await subscribed();
  const [before] = await control.subscriptions();
  await pass(20 * 60_000);
  expect((await send("POST", `/subscriptions/${id}/reauthorize`)).status).toBe(204);
  const [after] = await control.subscriptions();
  expect(after?.expirationDateTime).toBe(before?.expirationDateTime);
  expect(Date.parse(after?.authorizedUntil ?? "")).toBe(Date.parse(before?.authorizedUntil ?? "") + 20 * 60_000);
  await pass(9 * 60_000);
  await send("PATCH", `/subscriptions/${id}`, { expirationDateTime: inMinutes((await control.clock()).now, 100) });
  const history = await control.history();
  expect(history.find(({ event }) => event === "subscriptionReauthorized")).toMatchObject({ tooSoon: false });
  expect(history.find(({ event }) => event === "subscriptionRenewed")).toMatchObject({ tooSoon: true });
});

test("the switch accepts what nothing supports, and offers what can be probed", async () => {
  const { subscribe, control } = await subscribedTenant();
  await control.changeSettings({ notifications: { unsupported: "accept" } });
  expect((await subscribe({ resource: "users/x/memberOf" })).status).toBe(201);
  await control.changeSettings({ notifications: { unsupported: "refuse", offered: ["auditLogs/directoryAudits"] } });
  expect((await subscribe({ resource: "auditLogs/directoryAudits", changeType: "created" })).status).toBe(201);
  const pim = { resource: "roleManagement/directory/roleAssignmentScheduleInstances" };
  expect((await subscribe(pim)).status).toBe(400);
});
