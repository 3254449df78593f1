import { describe, expect, it } from "vitest";
import { isRole } from "../../../shared/model/pending-revocation.ts";
import { Crash } from "../../fixtures/deliver.ts";
import { iso, start } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupAccess, groupRole, member, others } from "../../fixtures/group-world.ts";

const three = [member(1), member(2), member(3)];
const revokedUsers = (world: ReturnType<typeof createGroupWorld>) =>
  world.revoked.map(({ userId }) => userId).toSorted();

describe("the end of a group's role", () => {
  it("cuts every member once, planned, soon after the removal", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(120);
    expect(revokedUsers(world)).toEqual(three);
    expect(Math.max(...world.revoked.map(({ at }) => at))).toBeLessThan(start + 64_000);
    expect(world.outcomes()).toEqual(three.map((id) => [id, "revoked"]));
    const { fanouts, revocations } = await world.stateOf();
    expect([fanouts.size, revocations.size]).toEqual([0, 0]);
  });

  it.each([
    { what: "its role", endDateTime: iso(start + 60_500), access: [] },
    { what: "a membership", endDateTime: null, access: [groupAccess(member(1))] },
  ])(
    "has a standby message in case the host dies that waits for it: the end of $what",
    async ({ endDateTime, access }) => {
      const world = createGroupWorld();
      world.shown.members.set(admins, [member(1)]);
      Object.assign(world.shown, { access, roles: [groupRole({ endDateTime })] });
      await world.pass();
      world.from(61.4, () => {
        if (access.length > 0) world.shown.members.set(admins, []);
        Object.assign(world.shown, access.length > 0 ? { access: [] } : { roles: [] });
      });
      let waits = 0;
      const sleep = async (ms: number) => {
        waits += 1;
        if (waits === 1) throw new Crash("the host is gone");
        await world.clock.sleep(ms);
      };
      const dying = { ...world.dependencies, clock: { ...world.clock, sleep } };
      await world.deliver(70, dying);
      expect(waits).toBeGreaterThan(1);
      expect(world.revoked).toMatchObject([{ userId: member(1) }]);
      expect(world.revoked[0]?.at).toBeLessThan(start + 63_000);
    },
  );

  it("fans out also to those who have joined since the snapshot, and not to those who joined after the end", async () => {
    const late = member(5);
    const world = createGroupWorld({}, { joinedSince: async (_, ids) => new Set(ids.filter((id) => id === late)) });
    world.shown.members.set(admins, three);
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [];
      world.shown.members.set(admins, [...three, member(4), late]);
    });
    await world.deliver(120);
    expect(revokedUsers(world)).toEqual([...three, member(4)]);
  });

  it("spares the member who holds the role another way", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    const direct = groupRole({
      principalId: member(2),
      startDateTime: iso(start - 3_600_000),
      endDateTime: null,
      roleAssignmentScheduleId: "own",
    });
    world.shown.roles = [groupRole(), direct];
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [direct];
    });
    await world.deliver(120);
    expect(revokedUsers(world)).toEqual([member(1), member(3)]);
    expect(world.outcomes()).toContainEqual([member(2), "stillHeld"]);
  });

  it("spares the member of another group with the role, until that one loses it too", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three).set(others, [member(2)]);
    const other = groupRole({
      principalId: others,
      startDateTime: iso(start - 3_600_000),
      endDateTime: iso(start + 200_500),
      roleAssignmentScheduleId: "other",
    });
    world.shown.roles = [groupRole(), other];
    await world.pass();
    await world.pass(others);
    world.from(61.4, () => {
      world.shown.roles = [other];
    });
    world.from(201.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(120);
    expect(revokedUsers(world)).toEqual([member(1), member(3)]);
    await world.deliver(300);
    expect(revokedUsers(world)).toEqual(three);
  });

  it("is lost to nobody while the group holds the role another way", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    const permanent = groupRole({ startDateTime: null, endDateTime: null, roleAssignmentScheduleId: "permanent" });
    world.shown.roles = [groupRole(), permanent];
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [permanent];
    });
    // The list alone may hide a row for minutes while another one explains the directory's.
    await world.deliver(400);
    expect(world.revoked).toEqual([]);
    expect(world.outcomes()).toEqual([]);
  });

  it("is said to be out of reach for a guest, who is cut all the same", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    world.shown.external.add(member(1));
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(120);
    expect(revokedUsers(world)).toEqual([member(1), member(2), member(3)]);
    expect(world.outcomes()).toContainEqual([member(1), "notEnforceable"]);
  });

  it("is left alone in a group that is not to be watched, and said to be", async () => {
    const world = createGroupWorld({}, { watched: new Set([others]) });
    world.shown.members.set(admins, three);
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(120);
    expect(world.revoked).toEqual([]);
    expect(world.recordedOf("outcome")).toMatchObject([
      { principalId: admins, outcome: "outOfScope", detail: "groupNotWatched" },
    ]);
  });

  it("is one pending revocation for the member who leaves at the very moment", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [];
      world.shown.members.set(admins, [member(1), member(3)]);
    });
    await world.deliver(400);
    expect(revokedUsers(world)).toEqual(three);
    expect(await world.revocationsOf(member(2))).toHaveLength(1);
  });
});

describe("the end of a membership", () => {
  it("that PIM ends in time is cut at the first absence, for the role that the group holds", async () => {
    const world = createGroupWorld();
    world.shown.roles = [groupRole({ startDateTime: null, endDateTime: null })];
    world.shown.members.set(admins, three);
    world.shown.access = [groupAccess(member(1))];
    await world.pass();
    world.from(61.4, () => {
      world.shown.access = [];
      world.shown.members.set(admins, [member(2), member(3)]);
    });
    await world.deliver(120);
    expect(world.revoked).toMatchObject([{ userId: member(1) }]);
    expect(world.revoked[0]?.at).toBeLessThan(start + 64_000);
    expect(world.recordedOf("ended")).toMatchObject([{ principalId: member(1), end: "expired", foundBy: "timer" }]);
    expect((await world.revocationsOf(member(1))).every(isRole)).toBe(true);
  });

  it("is the privilege itself in a group without a role", async () => {
    const world = createGroupWorld();
    world.shown.roles = [];
    world.shown.members.set(admins, three);
    world.shown.access = [groupAccess(member(1))];
    await world.pass();
    world.from(61.4, () => {
      world.shown.access = [];
      world.shown.members.set(admins, [member(2), member(3)]);
    });
    await world.deliver(120);
    expect(revokedUsers(world)).toEqual([member(1)]);
    expect(await world.revocationsOf(member(1))).toMatchObject([
      { groupId: admins, access: "member", progress: { outcome: "revoked" } },
    ]);
  });

  it("of an owner is the end of the ownership, whatever the group holds", async () => {
    const world = createGroupWorld();
    world.shown.owners.set(admins, [member(7)]);
    world.shown.access = [groupAccess(member(7), { access: "owner", endDateTime: iso(start + 30_500) })];
    await world.pass();
    world.from(31.4, () => {
      world.shown.access = [];
      world.shown.owners.set(admins, []);
    });
    await world.deliver(50);
    expect(await world.revocationsOf(member(7))).toMatchObject([
      { groupId: admins, access: "owner", planned: true, progress: { outcome: "revoked" } },
    ]);
  });

  it("that nobody planned needs a second absence", async () => {
    const world = createGroupWorld();
    world.shown.roles = [groupRole({ startDateTime: null, endDateTime: null })];
    world.shown.members.set(admins, three);
    await world.pass();
    world.from(400, () => world.shown.members.set(admins, [member(2), member(3)]));
    await world.deliver(450);
    expect(revokedUsers(world)).toEqual([member(1)]);
    expect(world.revoked[0]?.at).toBeGreaterThan(start + 405_000);
    expect(world.revoked[0]?.at).toBeLessThan(start + 420_000);
  });

  it("is none while only the directory or only PIM's list has lost it", async () => {
    const world = createGroupWorld();
    world.shown.roles = [groupRole({ startDateTime: null, endDateTime: null })];
    world.shown.members.set(admins, three);
    world.shown.access = [
      groupAccess(member(1), { endDateTime: iso(start + 30_000) }),
      groupAccess(member(2), { endDateTime: null }),
    ];
    await world.pass();
    world.from(40, () => {
      world.shown.access = [groupAccess(member(2), { endDateTime: null })];
      world.shown.members.set(admins, [member(1), member(3)]);
    });
    await world.deliver(900);
    expect(world.revoked).toEqual([]);
    expect(world.outcomes()).toEqual([]);
  });

  it("is none for whom a new activation seconds after it puts back", async () => {
    const world = createGroupWorld();
    world.shown.roles = [groupRole({ startDateTime: null, endDateTime: null })];
    world.shown.members.set(admins, three);
    world.shown.access = [groupAccess(member(1))];
    await world.pass();
    world.from(60.6, () => {
      world.shown.access = [
        groupAccess(member(1), {
          startDateTime: iso(start + 60_600),
          endDateTime: iso(start + 3_600_000),
          assignmentScheduleId: "again",
        }),
      ];
    });
    await world.deliver(120);
    expect(world.revoked).toEqual([]);
    expect(world.outcomes()).toEqual([]);
  });

  it("moves with an extension", async () => {
    const world = createGroupWorld();
    world.shown.roles = [groupRole({ startDateTime: null, endDateTime: null })];
    world.shown.members.set(admins, three);
    world.shown.access = [groupAccess(member(1))];
    await world.pass();
    world.from(30, () => {
      world.shown.access = [groupAccess(member(1), { endDateTime: iso(start + 160_500) })];
    });
    world.from(161.4, () => {
      world.shown.access = [];
      world.shown.members.set(admins, [member(2), member(3)]);
    });
    await world.deliver(155);
    expect(world.revoked).toEqual([]);
    await world.deliver(200);
    expect(revokedUsers(world)).toEqual([member(1)]);
    expect(world.recordedOf("ended")).toMatchObject([{ end: "expired" }]);
  });

  it("a second one, of a later stay, is a pending revocation of its own", async () => {
    const world = createGroupWorld();
    world.shown.roles = [groupRole({ startDateTime: null, endDateTime: null })];
    world.shown.members.set(admins, three);
    await world.pass();
    world.from(400, () => world.shown.members.set(admins, [member(2), member(3)]));
    world.from(1000, () => world.shown.members.set(admins, three));
    world.from(2000, () => world.shown.members.set(admins, [member(2), member(3)]));
    await world.deliver(2100);
    expect(revokedUsers(world)).toEqual([member(1), member(1)]);
    expect(await world.revocationsOf(member(1))).toHaveLength(2);
  });
});

describe("whether Graph lists a group's role once or once per member", () => {
  const perMember = (id: string) => groupRole({ principalId: id, assignmentType: "Assigned", memberType: "Group" });

  it("beside the group's own row: the same members are cut, once", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    world.shown.roles = [groupRole(), ...three.map(perMember)];
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(300);
    expect(revokedUsers(world)).toEqual(three);
    expect(world.outcomes()).toEqual(three.map((id) => [id, "revoked"]));
  });

  it("and not for the group itself: the directory still reports its end", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    world.shown.unlisted = [groupRole()];
    world.shown.roles = three.map(perMember);
    await world.pass();
    world.from(2000, () => {
      world.shown.unlisted = [];
      world.shown.roles = [];
    });
    await world.deliver(2200);
    expect(revokedUsers(world)).toEqual(three);
  });

  it("a lagging row of a member does not save what the group has lost", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    world.shown.roles = [groupRole(), ...three.map(perMember)];
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = three.map(perMember);
    });
    world.from(90, () => {
      world.shown.roles = [];
    });
    await world.deliver(80);
    expect(revokedUsers(world)).toEqual(three);
    await world.deliver(600);
    expect(world.revoked).toHaveLength(3);
  });
});

describe("a loss that waited for a stop", () => {
  const stays = { members: [member(1)], owners: [member(1)] };
  it.each([
    { given: "an ownership, again outside PIM", lost: { owners: [] }, back: 100, outcome: "stillHeld" },
    { given: "a membership, again outside PIM", lost: { members: [] }, back: 100, outcome: "stillHeld" },
    { given: "an ownership, and not again", lost: { owners: [] }, back: 9999, outcome: "revoked" },
    { given: "a membership, and not again", lost: { members: [] }, back: 9999, outcome: "revoked" },
  ])("of $given: $outcome", async ({ lost, back, outcome }) => {
    const world = createGroupWorld();
    const show = ({ members, owners }: typeof stays) => {
      world.shown.members.set(admins, members);
      world.shown.owners.set(admins, owners);
    };
    world.shown.roles = [];
    show(stays);
    await world.pass();
    world.from(20, () => show({ ...stays, ...lost }));
    world.from(back, () => show(stays));
    const { policy } = world.dependencies;
    await world.deliver(700, { ...world.dependencies, policy: { ...policy, stopped: true } });
    await world.deliver(2000);
    expect(world.outcomes()).toEqual([[member(1), outcome]]);
    expect(world.revoked).toHaveLength(outcome === "revoked" ? 1 : 0);
  });
});
