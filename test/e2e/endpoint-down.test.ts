import { expect, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import { revokesOf } from "./support/history.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { createRoleGroup, lastOf, subscribed } from "./support/watched-group.ts";
import { openWorld } from "./support/world.ts";

it("nothing is lost while the endpoint is down: Graph tries again, and the app reads by itself", async () => {
  await using world = await openWorld("endpointdown");
  const { control } = world;
  await control.changeSettings({ notifications: { delayMs: 0, firstRetryMs: 3000 } });
  const port = await freePort();
  const host = await startReachableHost(world, port);
  const group = await createRoleGroup(world, 3);
  const [omar = "", mia = "", other = ""] = group.users;
  await subscribed(world, group);
  const past = await lastOf(world);

  await host.kill();
  await control.removeMember(group.groupId, omar);
  await world.seen((event) => event.event === "notificationRefused", past);
  await control.removeMember(group.groupId, mia);
  await startReachableHost(world, port);

  for (const user of [omar, mia]) expect(await world.closed(user)).toMatchObject([{ outcome: "revoked" }]);
  // Both notifications have arrived in the end.
  const created = (await control.history()).filter(
    (event) => event.seq > past && event.event === "notificationCreated",
  );
  expect(created).toHaveLength(2);
  for (const { notification } of created.flatMap((event) => (event.event === "notificationCreated" ? [event] : []))) {
    await world.seen(
      (event) => event.event === "notificationDelivered" && event.notifications.includes(notification),
      past,
    );
  }
  const history = await world.calmHistory();
  for (const user of [omar, mia]) expect(revokesOf(history, user)).toHaveLength(1);
  expect(revokesOf(history, other)).toEqual([]);
});
