import { describe, it } from "vitest";
import { alarmsOf } from "./support/alarms.ts";
import { readHealth } from "./support/health.ts";
import { revokeRequests, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

const toRevoke = "User.RevokeSessions.All";
const toList = "RoleManagement.Read.Directory";
const others = ["User.Read.All", "GroupMember.Read.All", "AuditLog.Read.All"];

describe.concurrent("a permission that is missing is named in an alarm", () => {
  it("and without the one to revoke, the end stays pending until it is granted", async ({ expect }) => {
    await using world = await openWorld("revokepermission");
    const { control } = world;
    await control.changeSettings({ permissions: [...others, toList], permissionsApplyAtOnce: true });
    const host = await world.startHost();
    const { userId } = await activate(control);
    await world.seen((event) => event.event === "revokeRefused" && event.status === 403);

    const refused = await world.calmHistory();
    expect(revokesOf(refused, userId)).toEqual([]);
    expect(revokeRequests(refused)).toHaveLength(1);
    const message = expect.stringContaining(toRevoke);
    expect(await alarmsOf(host)).toMatchObject([{ event: "revokeRefused", principalId: userId, message }]);
    const { revocations } = await world.stored(userId);
    expect([...revocations.values()]).toMatchObject([{ progress: { state: "pending" } }]);
    expect((await readHealth(host)).pending.principals).toBe(1);

    await control.changeSettings({ permissions: [...others, toList, toRevoke] });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    expect(revokesOf(await world.calmHistory(), userId)).toHaveLength(1);
  });

  it("and without the one to list roles, health says that no resync finishes", async ({ expect }) => {
    await using world = await openWorld("listpermission");
    await world.control.changeSettings({ permissions: [...others, toRevoke], permissionsApplyAtOnce: true });
    const host = await world.startHost();
    await world.calmHistory();
    const message = expect.stringContaining(toList);
    await expect
      .poll(() => alarmsOf(host), { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ event: "resyncRefused", message }));
    expect(await readHealth(host)).toMatchObject({ status: 503, healthy: false, lastResync: { finishedAt: null } });
  });
});
