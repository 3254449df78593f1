import { afterAll, beforeAll, describe, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import { revokesOf, timeOf } from "./support/history.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { createRoleGroup, deliveriesOf, lastOf, subscribed } from "./support/watched-group.ts";
import { openWorld, type World } from "./support/world.ts";

/** A membership that was first seen less than five minutes ago needs a second absence, whoever reports its end. */
const tooYoung = 6 * 60_000;

let world: World;

beforeAll(async () => {
  world = await openWorld("notifications");
  // Every notification three times, out of order, each in a request of its own.
  await world.control.changeSettings({ notifications: { copies: 3, reorderMs: 4000, largestBatch: 1, delayMs: 500 } });
  // Else the log reports the end first, now and then.
  await world.control.changeSettings({ audit: { queryableAfterMs: 120_000 } });
  await startReachableHost(world, await freePort());
});

afterAll(() => world[Symbol.asyncDispose]());

describe("an administrator removes a member of a role-assignable group", () => {
  it("Graph notifies the app three times and out of order: one revoke, within a second of the first", async ({
    expect,
  }) => {
    const group = await createRoleGroup(world, 2);
    const [omar = "", other = ""] = group.users;
    await subscribed(world, group);
    await world.control.setClock({ jumpMs: tooYoung });
    const past = await lastOf(world);
    await world.control.removeMember(group.groupId, omar);
    expect(await world.closed(omar)).toMatchObject([{ outcome: "revoked" }]);
    const [revocation] = [...(await world.stored(omar)).revocations.values()];
    expect(revocation).toMatchObject({ foundBy: "notification", planned: false, through: { groupId: group.groupId } });
    const history = await world.calmHistory();
    const [first, ...copies] = deliveriesOf(history, past);
    const [revoke = 0, ...more] = revokesOf(history, omar);
    expect(more).toEqual([]);
    expect(revokesOf(history, other)).toEqual([]);
    expect(copies.length).toBeGreaterThanOrEqual(2);
    if (first === undefined) throw new Error("Nothing was delivered.");
    expect(revoke - timeOf(first)).toBeLessThan(1000);
  });
});
