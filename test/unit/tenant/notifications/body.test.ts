import { expect, test } from "vitest";
import { itemsOf, subscribedTenant } from "./subscribed.ts";

test("has the observed shape of a group's notification: no id, no name of the member who left", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane, tenant } = await subscribedTenant();
  const subscriptionId = await subscribed();
  await control.removeMember(group, jane);
  await pass(2000);
  await seen("notificationDelivered");
  const [item] = itemsOf(endpoint.received);
  expect(Object.keys(item ?? {}).toSorted()).toEqual([
    "changeType",
    "clientState",
    "resource",
    "resourceData",
    "subscriptionExpirationDateTime",
    "subscriptionId",
    "tenantId",
  ]);
  expect(item).toMatchObject({ subscriptionId, tenantId: tenant.tenantId, changeType: "updated" });
  expect(item?.resource?.toLowerCase()).toBe(`groups/${group}`);
  expect(Object.keys(item?.resourceData ?? {}).toSorted()).toEqual([
    "@odata.id",
    "@odata.type",
    "eventTime",
    "id",
    "organizationId",
    "sequenceNumber",
  ]);
  expect(item?.resourceData).toMatchObject({ "@odata.type": "#Microsoft.Graph.Group", id: group });
  expect(endpoint.received[0]?.text).not.toContain(jane);
});

test("its sequence number is above what JSON.parse can hold", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await subscribed();
  await control.removeMember(group, jane);
  await pass(2000);
  await seen("notificationDelivered");
  const digits = /"sequenceNumber":(\d+)/.exec(endpoint.received[0]?.text ?? "")?.[1] ?? "";
  expect(BigInt(digits)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
  expect(digits).toMatch(/^6\d{17}$/);
});

test("the case of the resource varies", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await subscribed();
  for (let turn = 0; turn < 6; turn += 1) {
    await control.removeMember(group, jane);
    await control.addMember(group, jane);
  }
  await pass(2000);
  await seen("notificationDelivered");
  const cases = itemsOf(endpoint.received).map(({ resource }) => resource?.split("/")[0]);
  expect(new Set(cases)).toEqual(new Set(["Groups", "groups"]));
});

test("that of all groups shows whether members came or went", async () => {
  const { subscribed, control, pass, seen, endpoint, group, jane } = await subscribedTenant();
  await subscribed({ resource: "/groups" });
  await control.removeMember(group, jane);
  await pass(2000);
  await seen("notificationDelivered");
  expect(itemsOf(endpoint.received)[0]?.resourceData).toMatchObject({
    "members@delta": [{ id: jane, "@removed": { reason: "deleted" } }],
  });
});
