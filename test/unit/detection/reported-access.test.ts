import { describe, expect, it } from "vitest";
import { parseAuditRows } from "../../../shared/audit-log/parse.ts";
import { createAuditMemory, takeIn } from "../../../shared/audit-log/take-in.ts";
import { directoryGroupRow, directoryRoleRow, target } from "../../fixtures/audit/audit-rows.ts";
import { roleTarget } from "../../fixtures/audit/audit-world.ts";
import { iso, start, userAdministrator } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupRole, member } from "../../fixtures/group-world.ts";

const permanent = groupRole({ startDateTime: null, endDateTime: null });

/** A group that holds a role for ever, with member 1; others come and go while nobody reads its members. */
async function createWatchedGroup(members = [member(1)]) {
  const world = createGroupWorld();
  world.shown.roles = [permanent];
  world.shown.members.set(admins, members);
  await world.pass();
  return {
    ...world,
    /** Takes in rows as the catch-up does, and everything that follows within ten seconds. */
    async read(...rows: readonly unknown[]) {
      const { news } = createAuditMemory(new Set(), 600_000).news(parseAuditRows(rows).records);
      const { dependencies, clock } = world;
      await takeIn(news, start, Math.floor(clock.now() / 1000) * 1000, dependencies);
      await world.deliver((clock.now() - start) / 1000 + 10);
    },
  };
}

const left = (who: string, seconds: number, changes = {}) =>
  directoryGroupRow({
    activityDateTime: iso(start + seconds * 1000),
    targetResources: [target("Group", admins), target("User", who)],
    ...changes,
  });

it("a member who came and went between two readings of the members lost what the group held", async () => {
  const world = await createWatchedGroup();
  world.goTo(start + 40_000);
  await world.read(left(member(2), 30));
  expect(world.revoked).toMatchObject([{ userId: member(2) }]);
  expect(await world.revocationsOf(member(2))).toMatchObject([
    { roleDefinitionId: userAdministrator, cutOff: start + 30_000, through: { groupId: admins, ended: "access" } },
  ]);
});

it("reported again, it is the same end", async () => {
  const world = await createWatchedGroup();
  world.goTo(start + 40_000);
  await world.read(left(member(2), 30));
  await world.read(left(member(2), 30));
  expect(world.revoked).toHaveLength(1);
  expect(await world.revocationsOf(member(2))).toHaveLength(1);
});

it("whom we saw in the group is judged by what its members are now", async () => {
  const world = await createWatchedGroup();
  world.goTo(start + 40_000);
  await world.read(left(member(1), 30));
  expect(world.revoked).toEqual([]);
  world.shown.members.set(admins, []);
  world.goTo(start + 90_000);
  await world.read(left(member(1), 80));
  expect(world.revoked, "the membership is new: a second answer without it has to come").toEqual([]);
  await world.deliver(152);
  expect(world.revoked).toMatchObject([{ userId: member(1) }]);
  expect(await world.revocationsOf(member(1))).toHaveLength(1);
});

const unseenRole = "62e90394-69f5-4237-9190-012177145e10";
const lostUnseenRole = directoryRoleRow({
  activityDateTime: iso(start + 30_000),
  targetResources: [roleTarget(admins, unseenRole, "Group")],
});

it("a role that a group held unseen is fanned out to its members, once", async () => {
  const world = await createWatchedGroup();
  world.goTo(start + 40_000);
  await world.read(lostUnseenRole);
  await world.read(lostUnseenRole);
  expect(world.revoked).toMatchObject([{ userId: member(1) }]);
  expect(await world.revocationsOf(member(1))).toMatchObject([
    {
      roleDefinitionId: unseenRole,
      directoryScopeId: "?",
      cutOff: start + 30_000,
      threshold: "corroborated",
    },
  ]);
});

describe("a member who is not shown any more when a group's role has ended that no reading showed", () => {
  it("may have left before: the leaving is recorded, and that role is not", async () => {
    const world = await createWatchedGroup([member(1), member(2)]);
    world.goTo(start + 40_000);
    world.shown.members.set(admins, [member(1)]);
    await world.read(lostUnseenRole);
    expect(world.revoked).toMatchObject([{ userId: member(1) }]);
    await world.deliver(300);
    expect(world.revoked).toMatchObject([{ userId: member(1) }, { userId: member(2) }]);
    expect(await world.revocationsOf(member(2))).toMatchObject([
      { roleDefinitionId: userAdministrator, through: { groupId: admins, ended: "access" } },
    ]);
  });

  it("and is shown again has lost it", async () => {
    const world = await createWatchedGroup([member(1), member(2)]);
    world.goTo(start + 40_000);
    world.shown.members.set(admins, [member(1)]);
    await world.read(lostUnseenRole);
    world.shown.members.set(admins, [member(1), member(2)]);
    await world.deliver(300);
    expect(world.revoked).toMatchObject([{ userId: member(1) }, { userId: member(2) }]);
    expect(await world.revocationsOf(member(2))).toMatchObject([
      { roleDefinitionId: unseenRole, cutOff: start + 30_000, through: { groupId: admins, ended: "role" } },
    ]);
  });
});

it("of a group that is not watched a leaving member lost nothing that we know of", async () => {
  const world = createGroupWorld({}, { watched: new Set() });
  world.shown.members.set(admins, []);
  const { news } = createAuditMemory(new Set(), 600_000).news(parseAuditRows([left(member(2), 30)]).records);
  await takeIn(news, start, start + 40_000, world.dependencies);
  await world.deliver(60);
  expect(world.revoked).toEqual([]);
  expect(await world.revocationsOf(member(2))).toEqual([]);
});
