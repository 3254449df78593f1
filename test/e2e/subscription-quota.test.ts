import { describe, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import { builtInRoles } from "../../local/tenant/directory/roles.ts";
import { quota } from "../../shared/notifications/plan.ts";
import { refusalReason } from "../../shared/notifications/subscription-record.ts";
import { alarmsOf } from "./support/alarms.ts";
import { readHealth } from "./support/health.ts";
import { revokesOf } from "./support/history.ts";
import { keeperTurn } from "./support/keeper-turn.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { createRoleGroup } from "./support/watched-group.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

/** The ids of the groups whose members are subscribed to. */
const subscribedGroups = async ({ control }: World) =>
  (await control.subscriptions()).flatMap(({ resource }) => /^groups\/([^/]+)\/members$/.exec(resource)?.[1] ?? []);

const isRead = (world: World, groupIds: readonly string[]) =>
  eventually(async () => {
    for (const id of groupIds) {
      if ((await world.stored(id)).members.size === 0) throw new Error(`The members of ${id} are not known.`);
    }
  });

const foundBy = async (world: World, user: string) =>
  [...(await world.stored(user)).revocations.values()].map((revocation) => revocation.foundBy);

describe.concurrent("more watched groups than Graph lets us subscribe to", () => {
  it("a refused quota: the most privileged first, the rest is polled, and an operator sees it", async ({ expect }) => {
    await using world = await openWorld("fullquota");
    const { control } = world;
    await control.changeSettings({ notifications: { subscriptionsPerApp: 2, delayMs: 0 } });
    const groups = await Promise.all(
      (["helpdeskAdministrator", "globalAdministrator", "userAdministrator", "exchangeAdministrator"] as const).map(
        async (role) => {
          const { id: groupId } = await control.createGroup({ name: role, isAssignableToRole: true });
          const { id: user } = await control.createUser({ name: "Member" });
          await control.addMember(groupId, user);
          await control.assign({ principalId: groupId, roleDefinitionId: builtInRoles[role] });
          return { groupId, user };
        },
      ),
    );
    const [helpdesk, global, users] = groups;
    if (helpdesk === undefined || global === undefined || users === undefined) throw new Error("There are four.");
    // All are known before anybody subscribes.
    const port = await freePort();
    const before = await world.startHost();
    await isRead(
      world,
      groups.map(({ groupId }) => groupId),
    );
    await before.stop();
    const host = await startReachableHost(world, port);
    await keeperTurn(world, host);
    await world.seen((event) => event.event === "subscriptionRefused" && event.status === 403);
    expect(new Set(await subscribedGroups(world))).toEqual(new Set([global.groupId, users.groupId]));
    await eventually(async () =>
      expect(await alarmsOf(host)).toContainEqual(expect.objectContaining({ event: "subscriptionRefused" })),
    );
    await eventually(async () =>
      expect((await readHealth(host)).sources.groupNotifications).toMatchObject({
        state: "failing",
        detail: expect.stringContaining(refusalReason(403)),
      }),
    );

    await control.removeMember(helpdesk.groupId, helpdesk.user);
    await control.removeMember(global.groupId, global.user);
    for (const { user } of [helpdesk, global]) {
      expect(await world.closed(user)).toMatchObject([{ outcome: "revoked" }]);
    }
    expect(await foundBy(world, global.user)).toEqual(["notification"]);
    expect(await foundBy(world, helpdesk.user)).not.toEqual(["notification"]);
  });

  it("one hundred of 101 by default; with allGroups one subscription to all, and strangers cost nothing", async ({
    expect,
  }) => {
    await using world = await openWorld("hundredgroups");
    const { control } = world;
    await control.changeSettings({ notifications: { delayMs: 0 } });
    const groupIds: string[] = [];
    for (let n = 0; n < quota; n += 1) {
      const { id } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
      await control.addMember(id, (await control.createUser({ name: "Member" })).id);
      groupIds.push(id);
    }
    // The only one with a role, so it has a place among the hundred whatever its id.
    const privileged = await createRoleGroup(world, 2);
    const port = await freePort();
    const host = await startReachableHost(world, port);
    await eventually(async () => {
      const ids = await subscribedGroups(world);
      expect(ids).toHaveLength(quota);
      expect(ids).toContain(privileged.groupId);
    });
    await isRead(world, [...groupIds, privileged.groupId]);
    expect((await readHealth(host)).sources.groupNotifications).toMatchObject({ state: "unproven" });

    await host.stop();
    await keeperTurn(world, await startReachableHost(world, port, { GRAPH_SUBSCRIPTIONS: "allGroups" }));
    await eventually(async () =>
      expect((await control.subscriptions()).map(({ resource }) => resource)).toEqual(["groups"]),
    );
    const { id: stranger } = await control.createGroup({ name: "Book club" });
    const { id: reader } = await control.createUser({ name: "Reader" });
    await control.addMember(stranger, reader);
    const [omar = "", other = ""] = privileged.users;
    await control.removeMember(stranger, reader);
    await control.removeMember(privileged.groupId, omar);
    expect(await world.closed(omar)).toMatchObject([{ outcome: "revoked" }]);
    expect(await foundBy(world, omar)).toEqual(["notification"]);
    expect((await world.stored(stranger)).members.size).toBe(0);
    const history = await world.calmHistory();
    for (const user of [reader, other]) expect(revokesOf(history, user)).toEqual([]);
  });
});
