import { expect, test } from "vitest";
import { createDeliveryNotes, createEndNotices, loadEndCounts } from "../../../shared/notifications/reliability.ts";
import { saveSubscription } from "../../../shared/notifications/subscription-record.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { admins, createGroupWorld, groupRole, member } from "../../fixtures/group-world.ts";
import { at } from "../../fixtures/principal-builders.ts";
import { aSubscription } from "../../fixtures/subscriptions.ts";

const subscription = aSubscription();

/** A watched group of three with two roles for good, whose proven subscription delivered at the start. */
async function createWorld(isProven = true) {
  const world = createGroupWorld();
  const helpdesk = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
  world.shown.roles = [
    groupRole({ startDateTime: null, endDateTime: null }),
    groupRole({ startDateTime: null, endDateTime: null, roleDefinitionId: helpdesk, roleAssignmentScheduleId: "2" }),
  ];
  world.shown.members.set(admins, [member(1), member(2), member(3)]);
  const { state, principals, clock, telemetry } = world.dependencies;
  await saveSubscription(state, subscription);
  const note = createDeliveryNotes(state, clock, telemetry);
  if (isProven) await note([subscription]);
  const notices = createEndNotices(state, principals, telemetry);
  const dependencies = { ...world.dependencies, telemetry: notices.telemetry };
  await reconcile({ principalId: admins, because: "resync", tries: 0 }, dependencies);
  const counts = async () => {
    await notices.flush();
    return loadEndCounts(state);
  };
  return { ...world, dependencies, notices, note, counts };
}

test("an end that the notification found counts as reported, once for all the group's roles", async () => {
  const world = await createWorld();
  world.goTo(at(400));
  world.shown.members.set(admins, [member(1), member(3)]);
  await reconcile({ principalId: admins, because: "notification", tries: 0, confirms: admins }, world.dependencies);
  expect(await world.counts()).toMatchObject({ notified: 1, open: [] });
});

test("an end that our own pass found is open, late when the notification comes, and counted once", async () => {
  const world = await createWorld();
  world.from(400, () => world.shown.members.set(admins, [member(1), member(3)]));
  await world.deliver(460, world.dependencies);
  expect(await world.counts()).toMatchObject({ notified: 0, open: [{ resource: subscription.resource }] });
  await world.notices.judge();
  expect(await world.counts()).toMatchObject({ late: 0, missed: 0, open: [{}] });
  await world.note([subscription]);
  await world.notices.judge();
  expect(await world.counts()).toEqual({ notified: 0, late: 1, missed: 0, open: [] });
});

test("the source need not report the end of the group's role, nor any end before it is proven", async () => {
  const proven = await createWorld();
  proven.from(400, () => {
    proven.shown.roles = [];
  });
  await proven.deliver(460, proven.dependencies);
  expect(proven.recordedOf("ended").length).toBeGreaterThan(0);
  expect(await proven.counts()).toEqual({ notified: 0, late: 0, missed: 0, open: [] });
  const unproven = await createWorld(false);
  unproven.from(400, () => unproven.shown.members.set(admins, [member(1)]));
  await unproven.deliver(460, unproven.dependencies);
  expect(await unproven.counts()).toEqual({ notified: 0, late: 0, missed: 0, open: [] });
});
