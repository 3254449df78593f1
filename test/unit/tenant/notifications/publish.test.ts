import { expect, test } from "vitest";
import { userAdministrator } from "../fixture.ts";
import { subscribedTenant } from "./subscribed.ts";

test.each([
  ["groups/{group}/members", ["members"]],
  ["groups/{group}/owners", ["owners"]],
  ["groups/{group}", ["members", "owners"]],
  ["groups", ["members", "owners", "created"]],
  ["users", ["account", "revoke"]],
  ["users/{jane}", ["account", "revoke"]],
])("%s gets %j and nothing else", async (resource, expected) => {
  const { subscribed, control, group, jane, revoke } = await subscribedTenant();
  await subscribed({ resource: resource.replace("{group}", group).replace("{jane}", jane) });
  const notified: string[] = [];
  const trying = async (name: string, act: () => Promise<unknown>) => {
    const before = (await control.history()).length;
    await act();
    const created = (await control.history(before)).filter(({ event }) => event === "notificationCreated");
    if (created.length > 0) notified.push(name);
  };
  await trying("members", () => control.removeMember(group, jane));
  await trying("owners", () => control.addOwner(group, jane));
  await trying("created", () => control.createGroup({ name: "other" }));
  await trying("account", () => control.changeUser(jane, { accountEnabled: false }));
  await trying("revoke", () => revoke(jane));
  expect(notified).toEqual(expected);
});

test("PIM for Groups' end of a membership is reported like any other", async () => {
  const { subscribed, control, group, pass } = await subscribedTenant();
  const { id: sam } = await control.createUser({ name: "sam" });
  await control.startGroupAccess({ groupId: group, principalId: sam, durationSeconds: 60 });
  await subscribed();
  await pass(60_900);
  expect((await control.history()).filter(({ event }) => event === "notificationCreated").length).toBe(1);
});

test("a subscription that only wants deletions is not said of updates", async () => {
  const { subscribed, control, group, jane } = await subscribedTenant();
  await subscribed({ changeType: "deleted" });
  await control.removeMember(group, jane);
  expect((await control.history()).filter(({ event }) => event === "notificationCreated")).toEqual([]);
});

test("what the documents do not promise for groups comes on demand alone", async () => {
  const { subscribed, control, seen, send } = await subscribedTenant();
  const id = await subscribed();
  await control.sendLifecycle(id, "missed");
  await seen("notificationDelivered");
  await control.sendLifecycle(id, "subscriptionRemoved");
  await seen("notificationDelivered", 2);
  expect((await send("GET", `/subscriptions/${id}`)).status).toBe(404);
  await expect(control.sendLifecycle(id, "missed")).rejects.toThrow("NoSuchSubscription");
});

test("the probed resources are notified where the tenant offers them", async () => {
  const { subscribed, control, jane, pass } = await subscribedTenant();
  const pim = "roleManagement/directory/roleAssignmentScheduleInstances";
  await control.changeSettings({ notifications: { offered: [pim, "auditLogs/directoryAudits"] } });
  const subscriptionId = await subscribed({ resource: pim, changeType: "created,updated,deleted" });
  const audits = await subscribed({ resource: "auditLogs/directoryAudits", changeType: "created" });
  const privilege = { principalId: jane, roleDefinitionId: userAdministrator };
  const { scheduleId, id } = await control.assign({ ...privilege, durationSeconds: 60 });
  await control.extend({ scheduleId, bySeconds: 60 });
  await pass(130_000);
  const created = (await control.history()).flatMap((event) => (event.event === "notificationCreated" ? [event] : []));
  const ofPim = created.filter((event) => event.subscriptionId === subscriptionId);
  expect(ofPim.map(({ changeType, objectId }) => [changeType, objectId])).toEqual([
    ["created", id],
    ["updated", id],
    ["deleted", id],
  ]);
  expect(created.filter((event) => event.subscriptionId === audits).length).toBeGreaterThan(2);
});
