import { expect, test } from "vitest";
import { itemsOf, subscribedTenant } from "./subscribed.ts";

test("reports a member who was removed, after the delay", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  const id = await subscribed();
  await control.removeMember(group, jane);
  await pass(1999);
  expect(endpoint.received).toEqual([]);
  await pass(1);
  expect(await seen("notificationDelivered")).toMatchObject({ attempt: 1, status: 202, subscriptionIds: [id] });
  expect(endpoint.received[0]).toMatchObject({ contentType: "application/json" });
  expect(itemsOf(endpoint.received)).toEqual([
    expect.objectContaining({ subscriptionId: id, clientState: "secret", changeType: "updated" }),
  ]);
});

test("one request carries what several subscriptions get at one time", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  const ids = [await subscribed(), await subscribed({ resource: "groups" })];
  await control.removeMember(group, jane);
  await pass(2000);
  expect(await seen("notificationDelivered")).toMatchObject({ subscriptionIds: ids });
  expect(endpoint.received.length).toBe(1);
});

test("a batch is no larger than the setting", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await control.changeSettings({ notifications: { largestBatch: 1 } });
  await subscribed();
  await subscribed({ resource: "groups" });
  await control.removeMember(group, jane);
  await pass(2000);
  await seen("notificationDelivered", 2);
  expect(endpoint.received.map((one) => itemsOf([one]).length)).toEqual([1, 1]);
});

test("copies come out of order and all arrive", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await control.changeSettings({ notifications: { copies: 3, reorderMs: 60_000, largestBatch: 1 } });
  await subscribed();
  await control.removeMember(group, jane);
  await control.addMember(group, jane);
  await control.removeMember(group, jane);
  await pass(62_000);
  await seen("notificationDelivered", 9);
  const delivered = (await control.history()).flatMap((one) =>
    one.event === "notificationDelivered" ? one.notifications : [],
  );
  expect(delivered.toSorted()).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
  expect(delivered).not.toEqual(delivered.toSorted());
  expect(endpoint.received.length).toBe(9);
});

test("tries again with growing waits until the endpoint takes it", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await subscribed();
  let left = 2;
  endpoint.answerWith(() => (left-- > 0 ? 503 : 200));
  await control.removeMember(group, jane);
  await pass(2000);
  expect(await seen("notificationRefused")).toMatchObject({ attempt: 1, status: 503, reason: "status" });
  await pass(9_999);
  expect(endpoint.received.length).toBe(1);
  await pass(1);
  expect(await seen("notificationRefused", 2)).toMatchObject({ attempt: 2 });
  await pass(20_000);
  expect(await seen("notificationDelivered")).toMatchObject({ attempt: 3, status: 200 });
});

test("gives up after four hours", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await control.changeSettings({ notifications: { accessTokenSeconds: null } });
  await subscribed();
  endpoint.answerWith(() => 500);
  await control.removeMember(group, jane);
  await pass(2000);
  let waitMs = 10_000;
  let waited = 0;
  for (let failed = 1; waited + waitMs <= 4 * 3_600_000; failed += 1) {
    await seen("notificationRefused", failed);
    await pass(waitMs);
    waited += waitMs;
    waitMs *= 2;
  }
  expect(await seen("notificationDropped")).toMatchObject({ reason: "retriesExhausted", notification: 1 });
  expect(endpoint.received.length).toBe(11);
});

test("an endpoint that does not answer in time is tried again, with a longer deadline", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await control.changeSettings({ notifications: { firstAttemptMs: 40, retryAttemptMs: 2000 } });
  await subscribed();
  endpoint.answerWith(() => "never");
  await control.removeMember(group, jane);
  await pass(2000);
  expect(await seen("notificationRefused")).toMatchObject({ status: 0, reason: "timeout" });
  endpoint.answerWith(() => new Promise((resolve) => setTimeout(() => resolve(202), 100)));
  await pass(10_000);
  const delivered = await seen("notificationDelivered");
  expect(delivered).toMatchObject({ attempt: 2 });
});

test("drops what nobody subscribes to any more", async () => {
  const { subscribed, send, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  const id = await subscribed();
  await control.removeMember(group, jane);
  await send("DELETE", `/subscriptions/${id}`);
  await pass(2000);
  expect(await seen("notificationDropped")).toMatchObject({ reason: "subscriptionGone", subscriptionId: id });
  expect(endpoint.received).toEqual([]);
});

test("delivers nothing on a lapsed access token, and goes on when the app reauthorizes", async () => {
  const { subscribed, send, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  const id = await subscribed({ lifecycleNotificationUrl: null });
  await pass(3_600_000);
  await control.removeMember(group, jane);
  await pass(2000);
  expect(await seen("notificationPaused")).toMatchObject({ reason: "tokenLapsed", subscriptionId: id });
  expect(endpoint.received).toEqual([]);
  await send("POST", `/subscriptions/${id}/reauthorize`);
  await pass(10_000);
  await seen("notificationDelivered");
});

test("loses the share that it is asked to lose, and says which", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await control.changeSettings({ notifications: { lostShare: 1 } });
  await subscribed();
  await control.removeMember(group, jane);
  await pass(10_000);
  expect(await seen("notificationDropped")).toMatchObject({ reason: "lost", notification: 1 });
  expect(endpoint.received).toEqual([]);
});

test("a slow endpoint is notified ten minutes later", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  const deadlines = { firstAttemptMs: 50, retryAttemptMs: 60_000, throttleAfter: 1 };
  await control.changeSettings({ notifications: deadlines });
  await subscribed();
  endpoint.answerWith(() => new Promise((resolve) => setTimeout(() => resolve(202), 60)));
  await control.removeMember(group, jane);
  await pass(2000);
  expect(await seen("endpointThrottled")).toMatchObject({ state: "slow" });
  await pass(10_000); // the retry is not a new notification
  await seen("notificationDelivered");
  endpoint.answerWith(() => 202);
  await control.addMember(group, jane);
  await pass(602_000 - 1);
  expect(endpoint.received.length).toBe(2);
  await pass(1);
  await seen("notificationDelivered", 2);
});

test("an endpoint that hardly answers loses notifications", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await control.changeSettings({ notifications: { firstAttemptMs: 30, retryAttemptMs: 30, throttleAfter: 1 } });
  await subscribed();
  endpoint.answerWith(() => "never");
  await control.removeMember(group, jane);
  await pass(2000);
  expect(await seen("endpointThrottled")).toMatchObject({ state: "drop" });
  await pass(10_000);
  expect(await seen("notificationDropped")).toMatchObject({ reason: "endpointDropped" });
});
