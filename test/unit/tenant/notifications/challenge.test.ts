import { expect, test } from "vitest";
import { inMinutes, itemsOf, subscribedTenant } from "./subscribed.ts";

const minute = 60_000;

test("asks for a new authorisation a quarter of an hour before the token lapses, and at its end", async () => {
  const { subscribed, pass, seen, endpoint } = await subscribedTenant();
  const id = await subscribed();
  await pass(45 * minute - 1);
  expect(endpoint.received).toEqual([]);
  await pass(1);
  expect(await seen("notificationDelivered")).toMatchObject({ kind: "lifecycle", subscriptionIds: [id] });
  expect(itemsOf(endpoint.received)).toEqual([
    expect.objectContaining({ subscriptionId: id, clientState: "secret", lifecycleEvent: "reauthorizationRequired" }),
  ]);
  expect(endpoint.received[0]?.url.pathname).toBe("/api/graph/lifecycle");
  await pass(15 * minute);
  await seen("notificationDelivered", 2);
  await pass(600 * minute);
  expect(endpoint.received.length).toBe(2);
});

test("an app that renews in time is asked again an hour later", async () => {
  const { subscribed, send, control, pass, seen, endpoint } = await subscribedTenant();
  const id = await subscribed();
  await pass(45 * minute);
  await seen("notificationDelivered");
  const expirationDateTime = inMinutes((await control.clock()).now, 41_000);
  await send("PATCH", `/subscriptions/${id}`, { expirationDateTime });
  await pass(45 * minute - 1);
  expect(endpoint.received.length).toBe(1);
  await pass(1);
  await seen("notificationDelivered", 2);
});

test("asks before the subscription expires, too", async () => {
  const { subscribed, control, pass, seen } = await subscribedTenant();
  await control.changeSettings({ notifications: { accessTokenSeconds: null } });
  await subscribed();
  await pass((41_000 - 15) * minute);
  expect(await seen("notificationDelivered")).toMatchObject({ kind: "lifecycle" });
});

test("a subscription without a URL for it is not asked", async () => {
  const { subscribed, control, pass } = await subscribedTenant();
  await subscribed({ lifecycleNotificationUrl: null });
  await pass(90 * minute);
  expect((await control.history()).filter(({ event }) => event === "lifecycleCreated")).toEqual([]);
});

test("asks at once when the permission is taken away, and delivers nothing until it is back", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await subscribed();
  await control.changeSettings({ permissions: ["User.Read.All"] });
  await pass(0);
  expect(await seen("notificationDelivered")).toMatchObject({ kind: "lifecycle" });
  await control.removeMember(group, jane);
  await pass(2000);
  expect(await seen("notificationPaused")).toMatchObject({ reason: "permissionRevoked" });
  await control.changeSettings({ permissions: ["User.Read.All", "Group.Read.All"] });
  await pass(10_000);
  await seen("notificationDelivered", 2);
  expect(itemsOf(endpoint.received).map(({ lifecycleEvent }) => lifecycleEvent)).toEqual([
    "reauthorizationRequired",
    undefined,
  ]);
});
