import { describe, expect, test } from "vitest";
import { loadDeliveries } from "../../../shared/notifications/reliability.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { collection, createReceiver, notificationOf } from "../../fixtures/delivery.ts";
import { start } from "../../fixtures/fake-world.ts";
import { aGroup, aSubscription, aSubscriptionId } from "../../fixtures/subscriptions.ts";

const record = aSubscription();
const other = aSubscription({
  id: "00000000-0000-4000-8000-000000000002",
  groupId: "9d0c1b2a-0000-4000-8000-0000000000aa",
  resource: "groups/9d0c1b2a-0000-4000-8000-0000000000aa/members",
});
const signal = {
  v: 2,
  kind: "principal",
  principalId: aGroup,
  because: "notification",
  tries: 0,
  notifiedAt: start,
  confirms: aGroup,
};

describe("a notification about a group's members", () => {
  test("is persisted as a signal that confirms the end of a membership, then answered with 202", async () => {
    const { notify, messages, state } = await createReceiver();
    expect(await notify(collection([notificationOf(record)]))).toEqual({ status: 202 });
    expect(messages()).toEqual([signal]);
    expect(await loadDeliveries(state)).toMatchObject([{ resource: record.resource, source: "groups" }]);
  });

  test("is about the group of its subscription, whatever it says itself", async () => {
    const { notify, messages } = await createReceiver();
    const liar = notificationOf(record, { resource: "Groups/x", resourceData: { id: other.groupId } });
    await notify(collection([liar]));
    expect(messages()).toEqual([signal]);
  });

  test("in a burst is one message; of two groups two", async () => {
    const { notify, messages, sent } = await createReceiver([record, other]);
    const both = [notificationOf(record), notificationOf(other)];
    await Promise.all(Array.from({ length: 50 }, () => notify(collection(both))));
    expect(messages()).toHaveLength(2);
    expect(sent()).toBe(2);
  });

  test("after the write has begun is another message: nothing is acknowledged by an earlier one", async () => {
    const { notify, messages } = await createReceiver();
    await notify(collection([notificationOf(record)]));
    await notify(collection([notificationOf(record)]));
    expect(messages()).toHaveLength(2);
  });

  test("that says that nobody was removed confirms nothing", async () => {
    const { notify, messages } = await createReceiver();
    const added = { id: aGroup, "members@delta": [{ id: "somebody" }] };
    await notify(collection([notificationOf(record, { resourceData: added })]));
    const { confirms: _, ...plain } = signal;
    expect(messages()).toEqual([plain]);
  });

  test.each([null, undefined, "text", { id: 7 }, {}])("needs no resource data: %j", async (resourceData) => {
    const { notify, messages } = await createReceiver();
    await notify(collection([notificationOf(record, { resourceData })]));
    expect(messages()).toEqual([signal]);
  });
});

test("a broken item never blocks its batch, and is counted", async () => {
  const { notify, messages, recorded } = await createReceiver();
  const items = [null, 7, {}, { ...notificationOf(record), clientState: 7 }, notificationOf(record)];
  expect(await notify(collection(items))).toEqual({ status: 202 });
  expect(messages()).toEqual([signal]);
  expect(recorded).toEqual([
    {
      name: "notificationsRejected",
      properties: { subscription: 0, tenant: 0, clientState: 0, unreadable: 4, count: 1 },
    },
  ]);
});

test("what cannot be persisted is not acknowledged: Graph tries again", async () => {
  const writeSignals = async () => {
    throw new StorageUnavailableError("Away.");
  };
  const { notify, state } = await createReceiver([record], { writeSignals });
  expect(await notify(collection([notificationOf(record)]))).toEqual({ status: 503 });
  expect(await loadDeliveries(state)).toEqual([]);
});

test("when our subscriptions cannot be read nobody is turned away for good", async () => {
  const known = async () => {
    throw new StorageUnavailableError("Away.");
  };
  const { notify, recorded } = await createReceiver([record], { known });
  expect(await notify(collection([notificationOf(record)]))).toEqual({ status: 503 });
  expect(recorded).toMatchObject([{ name: "notificationsUnpersisted" }]);
});

test("a subscription that was created a moment ago is known at once", async () => {
  const { notify, messages, state, pass } = await createReceiver([]);
  await notify(collection([notificationOf(record)]));
  const { saveSubscription } = await import("../../../shared/notifications/subscription-record.ts");
  await saveSubscription(state, record);
  pass(1000);
  await notify(collection([notificationOf(record)]));
  expect(messages()).toHaveLength(1);
});

describe("the subscription to all groups", () => {
  const all = aSubscription({ resource: "groups", groupId: null });

  test("leads to the group that it names, if we watch it", async () => {
    const watching = await createReceiver([all], { watchedAmong: async () => new Set([aGroup]) });
    await watching.notify(collection([notificationOf(all, { resourceData: { id: aGroup.toUpperCase() } })]));
    expect(watching.messages()).toEqual([signal]);
    const strangers = await createReceiver([all], { isKnown: async () => true });
    await strangers.notify(collection([notificationOf(all, { resourceData: { id: aGroup } })]));
    expect(strangers.messages()).toEqual([]);
  });
});

describe("an accepted probe", () => {
  const instances = aSubscription({
    resource: "roleManagement/directory/roleAssignmentScheduleInstances",
    source: "roleAssignmentScheduleInstances",
    groupId: null,
  });
  const resourceData = { id: "5wuT_mJe20eRr5jDpJo4sUZl7gMT8cVOup3lc4GwySg-1" };

  test("leads to its principal when we know it, and to a resync", async () => {
    const { notify, messages } = await createReceiver([instances], { isKnown: async () => true });
    await notify(collection([notificationOf(instances, { resourceData })]));
    expect(messages()).toEqual([
      {
        v: 2,
        kind: "principal",
        principalId: "03ee6546-f113-4ec5-ba9d-e57381b0c928",
        because: "notification",
        tries: 0,
      },
      { v: 2, kind: "resync" },
    ]);
  });

  test("leads to a resync when it names nobody that we know", async () => {
    const { notify, messages } = await createReceiver([instances]);
    await notify(collection([notificationOf(instances, { resourceData: { id: "another form" } })]));
    await notify(collection([notificationOf(instances, { resourceData })]));
    expect(messages()).toEqual([
      { v: 2, kind: "resync" },
      { v: 2, kind: "resync" },
    ]);
  });

  test("of the audit log has the log read at once, and leads to a resync", async () => {
    const audits = aSubscription({ resource: "auditLogs/directoryAudits", source: "directoryAudits", groupId: null });
    const { notify, messages } = await createReceiver([audits]);
    await notify(collection([notificationOf(audits)]));
    expect(messages()).toEqual([
      { v: 2, kind: "catchUp", notifiedAt: expect.any(Number) },
      { v: 2, kind: "resync" },
    ]);
  });
});

describe("a lifecycle notification", () => {
  const asked = { v: 2, kind: "keepSubscriptions", asked: [aSubscriptionId] };
  const pass = { v: 2, kind: "principal", principalId: aGroup, because: "notification", tries: 0 };
  const resync = { v: 2, kind: "resync" };
  test.each([
    { lifecycleEvent: "reauthorizationRequired", follows: [asked] },
    { lifecycleEvent: "subscriptionRemoved", follows: [asked, pass, resync] },
    { lifecycleEvent: "missed", follows: [pass, resync] },
    { lifecycleEvent: "ofAnotherDay", follows: [] },
  ])("$lifecycleEvent", async ({ lifecycleEvent, follows }) => {
    const { lifecycle, messages } = await createReceiver();
    const { clientState, subscriptionId, tenantId } = notificationOf(record);
    const item = { clientState, subscriptionId, tenantId, lifecycleEvent, subscriptionExpirationDateTime: "2026" };
    expect(await lifecycle(collection([item]))).toEqual({ status: 202 });
    expect(messages()).toEqual(follows);
  });
});

describe("validation tokens", () => {
  test("are checked for our app and tenant, and only when an item is authentic", async () => {
    const asked: unknown[] = [];
    const validateTokens = async (...args: unknown[]) => {
      asked.push(args);
      return "good" as const;
    };
    const { notify, messages } = await createReceiver([record], { validateTokens });
    await notify(collection([notificationOf(record, { clientState: "forged" })], { validationTokens: ["a"] }));
    expect(asked).toEqual([]);
    await notify(collection([notificationOf(record)], { validationTokens: ["a", "b"] }));
    expect(asked).toEqual([[["a", "b"], { audience: record.applicationId, tenantId: record.tenantId }]]);
    expect(messages()).toHaveLength(1);
  });

  test("of which one is bad reject the collection; those that cannot be checked now come again", async () => {
    const bad = await createReceiver([record], { validateTokens: async () => "bad" });
    expect(await bad.notify(collection([notificationOf(record)], { validationTokens: ["a"] }))).toEqual({
      status: 202,
    });
    expect(bad.messages()).toEqual([]);
    expect(bad.recorded).toMatchObject([{ name: "validationTokenBad" }]);
    const unknown = await createReceiver([record], { validateTokens: async () => "unknown" });
    const answer = await unknown.notify(collection([notificationOf(record)], { validationTokens: ["a"] }));
    expect(answer).toEqual({ status: 503 });
  });
});
