import { expect, inject, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import { localSecret } from "../../local/stack/start-stack.ts";
import { readHealth } from "./support/health.ts";
import { revokesOf, timeOf } from "./support/history.ts";
import { keeperTurn } from "./support/keeper-turn.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { createRoleGroup, deliveriesOf, lastOf, subscribed, subscriptionsTo } from "./support/watched-group.ts";
import { eventually, laterSecret, openWorld } from "./support/world.ts";

const day = 86_400_000;

it("subscriptions survive a month: lifecycle events, a loss, a rotated secret, a changed address, a second deployment", async () => {
  await using world = await openWorld("month");
  const { control } = world;
  // The tenant's time jumps, and the app's token must not run out in between.
  await control.changeSettings({ appTokenSeconds: 90 * 86_400, notifications: { delayMs: 0 } });
  let port = await freePort();
  let host = await startReachableHost(world, port);
  const group = await createRoleGroup(world, 2);
  const [omar = "", other = ""] = group.users;
  let { id } = await subscribed(world, group);

  const renewedBy = async (act: () => Promise<unknown>) => {
    const past = await lastOf(world);
    await act();
    await world.seen((event) => event.event === "subscriptionRenewed" && event.subscriptionId === id, past);
  };
  const replacedBy = async (act: () => Promise<unknown>) => {
    await act();
    id = (await subscribed(world, group, (subscription) => subscription.id !== id)).id;
  };

  // A month, in steps that are each longer than the token that delivery hangs on: Graph asks, and the app renews.
  for (let days = 0; days < 32; days += 4) await renewedBy(() => control.setClock({ jumpMs: 4 * day }));
  await control.setClock({ jumpMs: 600_000 });
  await renewedBy(() => control.sendLifecycle(id, "reauthorizationRequired"));

  await control.setClock({ jumpMs: 600_000 });
  await replacedBy(async () => {
    await control.loseSubscription(id);
    await keeperTurn(world, host);
  });
  await control.setClock({ jumpMs: 600_000 });
  await replacedBy(() => control.sendLifecycle(id, "subscriptionRemoved"));

  const rotating = { CUTOFF_SECRET: laterSecret, CUTOFF_SECRET_PREVIOUS: localSecret };
  await replacedBy(async () => {
    await host.stop();
    host = await startReachableHost(world, port, rotating);
    await keeperTurn(world, host);
  });
  // It has renewed every seal by now, and in a minute it would check whether one is left. A new start checks at once.
  await host.stop();
  host = await startReachableHost(world, port, rotating);
  // As the runbook says: the previous secret stays until nothing is sealed with it.
  await eventually(async () => expect(await readHealth(host)).toMatchObject({ keysRotated: true }));
  const before = port;
  await replacedBy(async () => {
    await host.stop();
    port = await freePort();
    host = await startReachableHost(world, port, { CUTOFF_SECRET: laterSecret });
    await keeperTurn(world, host);
  });
  expect(port).not.toBe(before);

  // A second deployment: an identity, a storage and an address of its own.
  const { appId, identityHeader } = await control.createApp();
  const secondPort = await freePort();
  const storage = inject("storage").secondmonth ?? "";
  const second = { IDENTITY_HEADER: identityHeader, AzureWebJobsStorage: storage, CUTOFF_MODE: "reportOnly" };
  const past = await lastOf(world);
  await startReachableHost(world, secondPort, second);
  await world.seen((event) => event.event === "subscriptionCreated" && event.applicationId === appId, past);
  const both = await subscriptionsTo(world, group.groupId);
  expect(both.map(({ notificationUrl }) => new URL(notificationUrl).port).toSorted()).toEqual(
    [`${port}`, `${secondPort}`].toSorted(),
  );

  const recorded = await lastOf(world);
  await control.removeMember(group.groupId, omar);
  expect(await world.closed(omar)).toMatchObject([{ outcome: "revoked" }]);
  expect([...(await world.stored(omar)).revocations.values()]).toMatchObject([{ foundBy: "notification" }]);
  const history = await world.calmHistory();
  const [first] = deliveriesOf(history, recorded);
  const [revoke = 0, ...more] = revokesOf(history, omar);
  expect([more, revokesOf(history, other)]).toEqual([[], []]);
  if (first === undefined) throw new Error("Nothing was delivered.");
  expect(revoke - timeOf(first)).toBeLessThan(1000);

  // Switched off, the first one takes its own subscriptions with it and nobody else's.
  await host.stop();
  host = await startReachableHost(world, port, { CUTOFF_SECRET: laterSecret, GRAPH_SUBSCRIPTIONS: "off" });
  await keeperTurn(world, host);
  const left = await subscribed(world, group);
  expect(new URL(left.notificationUrl).port).toBe(`${secondPort}`);
});
