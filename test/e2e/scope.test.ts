import { describe, it } from "vitest";
import { tableNames } from "../../shared/storage/queue.ts";
import { alarmsOf } from "./support/alarms.ts";
import { readHealth } from "./support/health.ts";
import { revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

describe.concurrent("groups in INCLUDED_PRINCIPALS and EXCLUDED_PRINCIPALS", () => {
  it("mean their members of this moment: who is in an excluded group is spared, who joins it while holding a role is not, who is no pilot is left alone", async ({
    expect,
  }) => {
    await using world = await openWorld("scope");
    const { control } = world;
    const pilot = await control.createGroup({ name: "Pilot", isAssignableToRole: true });
    const emergency = await control.createGroup({ name: "Emergency access", isAssignableToRole: true });
    const { id: spared } = await control.createUser({ name: "Emergency" });
    await control.addMember(emergency.id, spared);
    const host = await world.startHost({ INCLUDED_PRINCIPALS: pilot.id, EXCLUDED_PRINCIPALS: emergency.id });
    const [cut, late, other] = await Promise.all([1, 2, 3].map(() => activate(control)));
    await activate(control, { userId: spared });
    const pilots = [cut?.userId ?? "", late?.userId ?? "", spared];
    await Promise.all(pilots.map((userId) => control.addMember(pilot.id, userId)));
    await Promise.all([...pilots, other?.userId ?? ""].map((userId) => world.awaitHoldings(userId)));
    await rememberedGroups(world, 2);
    await control.addMember(emergency.id, late?.userId ?? "");

    for (const user of [cut, late])
      expect(await world.closed(user?.userId ?? "")).toMatchObject([{ outcome: "revoked" }]);
    expect(await world.closed(spared)).toMatchObject([{ outcome: "excluded" }]);
    expect(await world.closed(other?.userId ?? "")).toMatchObject([{ outcome: "outOfScope" }]);
    const history = await world.calmHistory();
    expect(revokesOf(history, cut?.userId ?? "")).toHaveLength(1);
    expect([spared, other?.userId ?? ""].flatMap((userId) => revokesOf(history, userId))).toEqual([]);
    expect(await alarmsOf(host)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ event: "exemptionsChanged", principalId: late?.userId, change: "entered" }),
        expect.objectContaining({ event: "exemptionIgnored", principalId: late?.userId }),
      ]),
    );
    expect((await readHealth(host)).problems).toEqual([]);
  });

  it("that are not role-assignable are a problem that health shows, and their members are held until it is mended", async ({
    expect,
  }) => {
    await using world = await openWorld("wrongscope");
    const { control } = world;
    const group = await control.createGroup({ name: "Anybody's" });
    const host = await world.startHost({ EXCLUDED_PRINCIPALS: group.id });
    const [held, cut] = await Promise.all([1, 2].map(() => activate(control)));
    await control.addMember(group.id, held?.userId ?? "");
    expect(await world.closed(cut?.userId ?? "")).toMatchObject([{ outcome: "revoked" }]);
    await eventually(async () => {
      const [revocation] = (await world.stored(held?.userId ?? "")).revocations.values();
      expect(revocation?.progress).toMatchObject({ state: "pending", heldBy: "scope" });
    });
    expect((await readHealth(host)).problems).toEqual([expect.stringContaining("not role-assignable")]);
    expect(await alarmsOf(host)).toContainEqual(expect.objectContaining({ event: "settingProblem" }));

    await host.stop();
    await world.startHost();
    expect(await world.closed(held?.userId ?? "")).toMatchObject([{ outcome: "revoked" }]);
  });

  it("that cannot be read count by their last known members, also after the host was killed", async ({ expect }) => {
    await using world = await openWorld("unreadscope");
    const { control } = world;
    const emergency = await control.createGroup({ name: "Emergency access", isAssignableToRole: true });
    const [spared, cut] = await Promise.all([1, 2].map(() => activate(control, { seconds: 40 })));
    await control.addMember(emergency.id, spared?.userId ?? "");
    const first = await world.startHost({ EXCLUDED_PRINCIPALS: emergency.id });
    for (const activation of [spared, cut]) await world.awaitHoldings(activation?.userId ?? "");
    await rememberedGroups(world, 1);
    await first.kill();
    await control.addFault({ path: `groups/${emergency.id}`, rate: 1, fault: { kind: "status", statuses: [403] } });

    const host = await world.startHost({ EXCLUDED_PRINCIPALS: emergency.id });
    expect(await world.closed(spared?.userId ?? "")).toMatchObject([{ outcome: "excluded" }]);
    expect(await world.closed(cut?.userId ?? "")).toMatchObject([{ outcome: "revoked" }]);
    expect((await readHealth(host)).problems).toEqual([expect.stringContaining("last known members")]);
    expect(await alarmsOf(host)).toContainEqual(expect.objectContaining({ event: "scopeUnread", status: 403 }));
  });
});

/** Resolves once the app remembers the members of `count` groups: whoever is in a group at its first reading counts as always having been in it. */
async function rememberedGroups(world: World, count: number): Promise<void> {
  await eventually(async () => {
    const { value } = await world.storage.table(tableNames.state).list("scope");
    if (value.length < count) throw new Error(`${value.length} of ${count} groups are remembered.`);
  });
}
