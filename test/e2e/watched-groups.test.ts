import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { endRow } from "./support/end-row.ts";
import { isRemoved, revokesOf } from "./support/history.ts";
import { short, userAdministrator } from "./support/roles.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

/** Resolves once the app knows so many members of a group. */
const known = ({ stored }: World, groupId: string, count: number): Promise<void> =>
  eventually(async () => {
    const { members } = await stored(groupId);
    if (members.size < count) throw new Error(`${members.size} of ${count} members are known.`);
  });

describe.concurrent("WATCHED_GROUPS", () => {
  it(
    endRow("A member is removed from a group without a role that `WATCHED_GROUPS` names", "cut"),
    async ({ expect }) => {
      await using world = await openWorld("watchedgroup");
      const { control } = world;
      const [named, other] = [randomUUID(), randomUUID()];
      const members = await Promise.all(
        [named, other].map(async (id) => {
          await control.createGroup({ id, name: "Operators" });
          const user = await control.createUser({ name: "Member" });
          await control.addMember(id, user.id);
          return user.id;
        }),
      );
      const [member = "", outsider = ""] = members;
      await world.startHost({ WATCHED_GROUPS: named });
      await known(world, named, 1);
      await control.removeMember(named, member);
      await control.removeMember(other, outsider);
      expect(await world.closed(member)).toMatchObject([{ outcome: "revoked", verified: true }]);
      const history = await world.calmHistory();
      expect(revokesOf(history, member)).toHaveLength(1);
      expect(revokesOf(history, outsider)).toEqual([]);
      expect((await world.stored(outsider)).revocations.size).toBe(0);
    },
  );

  it(endRow("An ownership by PIM for Groups expires, in a watched group", "cut"), async ({ expect }) => {
    await using world = await openWorld("ownedgroup");
    const { control } = world;
    const groupId = randomUUID();
    await control.createGroup({ id: groupId, name: "Operators" });
    const { id: principalId } = await control.createUser({ name: "Owner" });
    await control.startGroupAccess({ groupId, principalId, accessId: "owner", durationSeconds: 25 });
    await world.startHost({ WATCHED_GROUPS: groupId });
    await known(world, groupId, 1);
    expect(await world.closed(principalId)).toMatchObject([{ outcome: "revoked" }]);
    const [revocation] = [...(await world.stored(principalId)).revocations.values()];
    expect(revocation).toMatchObject({ groupId, access: "owner", end: "expired" });
  });

  it("none: the end of a group's role is nobody's", async ({ expect }) => {
    await using world = await openWorld("nogroups");
    const { control } = world;
    const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
    const { id: member } = await control.createUser({ name: "Member" });
    await control.addMember(groupId, member);
    await world.startHost({ WATCHED_GROUPS: "none" });
    const role = { principalId: groupId, roleDefinitionId: userAdministrator, durationSeconds: short };
    const { scheduleId } = await control.assign(role);
    await world.seen((event) => isRemoved(event, scheduleId, "list", "last"));
    expect(revokesOf(await world.calmHistory(), member)).toEqual([]);
    expect((await world.stored(member)).revocations.size).toBe(0);
    expect((await world.stored(groupId)).members.size).toBe(0);
  });
});
