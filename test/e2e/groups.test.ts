import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import type { HistoryEvent } from "../../local/tenant/history-events.ts";
import { endRow } from "./support/end-row.ts";
import { goneAt, revokeRequests, revokesOf, timeOf } from "./support/history.ts";
import { userAdministrator } from "./support/roles.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

/** Time enough for the app to find a group and everybody in it; seconds. */
const short = 25;

let world: World;

beforeAll(async () => {
  world = await openWorld("groups");
  await world.control.changeSettings({ minimumActiveSeconds: 0 });
  await world.startHost();
});

afterAll(() => world[Symbol.asyncDispose]());

const createUsers = (count: number, kind: "member" | "guest" = "member"): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, async () => (await world.control.createUser({ name: "Member", kind })).id));

async function createGroup(memberIds: readonly string[] = []): Promise<string> {
  const { id } = await world.control.createGroup({ name: "Operators", isAssignableToRole: true });
  for (const memberId of memberIds) await world.control.addMember(id, memberId);
  return id;
}

/** Gives the group a role, for good when `durationSeconds` is null; resolves to its schedule id. */
const assign = async (groupId: string, durationSeconds: number | null): Promise<string> =>
  (await world.control.assign({ principalId: groupId, roleDefinitionId: userAdministrator, durationSeconds }))
    .scheduleId;

/** Resolves once the app knows so many memberships and ownerships of the group. */
const known = (groupId: string, count: number): Promise<void> =>
  eventually(async () => {
    const { members } = await world.stored(groupId);
    if (members.size < count) throw new Error(`${members.size} of ${count} members are known.`);
  });

/** Gives somebody a place for an hour in a group with a role, by PIM for Groups; resolves once the app knows it. */
async function startAccess(accessId: "member" | "owner") {
  const [userId = ""] = await createUsers(1);
  const groupId = await createGroup();
  await assign(groupId, null);
  const access = { groupId, principalId: userId, accessId, durationSeconds: 3600 };
  const { scheduleId } = await world.control.startGroupAccess(access);
  await known(groupId, 1);
  return { scheduleId, groupId, userId };
}

async function endOwnership({ expect }: TestContext, reason: "deactivated" | "removed"): Promise<void> {
  const { scheduleId, groupId, userId } = await startAccess("owner");
  await world.control.endGroupAccess({ scheduleId, reason });
  expect(await outcomesOf(userId)).toEqual(["revoked"]);
  const [revocation] = [...(await world.stored(userId)).revocations.values()];
  expect(revocation).toMatchObject({ groupId, access: "owner" });
  expect(revokesOf(await world.calmHistory(), userId)).toHaveLength(1);
}

const outcomesOf = async (userId: string, count = 1) =>
  (await world.closed(userId, count)).map(({ outcome }) => outcome);

/** When the user was last seen in the group by any replica. */
function leftAt(history: readonly HistoryEvent[], groupId: string, userId: string): number {
  const event = history.find(
    (event) =>
      event.event === "groupMemberRemoved" &&
      event.groupId === groupId &&
      event.memberId === userId &&
      event.shown === "last",
  );
  if (event === undefined) throw new Error("The tenant never removed the member from the group.");
  return timeOf(event);
}

describe.concurrent("the role of a group ends: every member loses it", () => {
  it(endRow("The role of a group expires", "cutEachMember"), async ({ expect }) => {
    const { control } = world;
    const members = await createUsers(5);
    const [guest = ""] = await createUsers(1, "guest");
    const [holder = ""] = await createUsers(1);
    const groupId = await createGroup([...members, guest, holder]);
    await control.assign({ principalId: holder, roleDefinitionId: userAdministrator });
    const scheduleId = await assign(groupId, short);
    for (const id of members) expect(await outcomesOf(id)).toEqual(["revoked"]);
    expect(await world.closed(guest)).toMatchObject([{ outcome: "notEnforceable", detail: "externalUser" }]);
    expect(await outcomesOf(holder)).toEqual(["stillHeld"]);
    const history = await world.calmHistory();
    const gone = goneAt(history, scheduleId);
    for (const id of members) {
      const accepted = revokesOf(history, id);
      expect(accepted).toHaveLength(1);
      expect(accepted[0]).toBeGreaterThanOrEqual(gone);
      expect(accepted[0]).toBeLessThan(gone + 5000);
    }
    const requests = revokeRequests(history).filter((event) => "path" in event);
    expect(requests.some(({ path }) => path.includes(holder))).toBe(false);
    expect(requests.some(({ path }) => path.includes(guest))).toBe(true);
  });

  it(endRow("An administrator removes the role of a group", "cutEachMember"), async ({ expect }) => {
    const members = await createUsers(2);
    const groupId = await createGroup(members);
    const scheduleId = await assign(groupId, null);
    await known(groupId, 2);
    await world.control.remove(scheduleId);
    for (const id of members) expect(await outcomesOf(id)).toEqual(["revoked"]);
    const history = await world.calmHistory();
    for (const id of members) {
      expect(revokesOf(history, id)).toHaveLength(1);
      expect(revokesOf(history, id)[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
    }
  });

  it(endRow("A member leaves a group in the moment in which it loses its role", "cutOnceOnly"), async ({ expect }) => {
    const [leaver = "", stayer = ""] = await createUsers(2);
    const groupId = await createGroup([stayer]);
    await assign(groupId, short);
    await world.control.startGroupAccess({ groupId, principalId: leaver, durationSeconds: short });
    for (const id of [leaver, stayer]) expect(await outcomesOf(id)).toEqual(["revoked"]);
    // The membership's end has been found as well by then.
    await eventually(async () => {
      const left = [...(await world.stored(groupId)).members.values()].filter((member) => member.left !== null);
      if (left.length < 1) throw new Error("The member has not left yet.");
    });
    const history = await world.calmHistory();
    expect(await world.closed(leaver)).toHaveLength(1);
    expect(revokesOf(history, leaver)).toHaveLength(1);
  });
});

describe.concurrent("a membership or ownership ends: its holder loses what it gives", () => {
  it(endRow("A membership by PIM for Groups expires, in a group with a role", "cut"), async ({ expect }) => {
    const [userId = "", other = ""] = await createUsers(2);
    const groupId = await createGroup([other]);
    await assign(groupId, null);
    await world.control.startGroupAccess({ groupId, principalId: userId, durationSeconds: short });
    expect(await outcomesOf(userId)).toEqual(["revoked"]);
    const history = await world.calmHistory();
    const left = leftAt(history, groupId, userId);
    expect(revokesOf(history, userId)).toHaveLength(1);
    expect(revokesOf(history, userId)[0]).toBeGreaterThanOrEqual(left);
    expect(revokesOf(history, userId)[0]).toBeLessThan(left + 5000);
    expect(revokesOf(history, other)).toEqual([]);
  });

  it(endRow("A membership by PIM for Groups that was extended expires at its later end", "cut"), async ({ expect }) => {
    const [userId = ""] = await createUsers(1);
    const groupId = await createGroup();
    await assign(groupId, null);
    const { scheduleId } = await world.control.startGroupAccess({
      groupId,
      principalId: userId,
      durationSeconds: short,
    });
    await known(groupId, 1);
    const { endDateTime } = await world.control.extendGroupAccess({ scheduleId, bySeconds: 10 });
    expect(await outcomesOf(userId)).toEqual(["revoked"]);
    const accepted = revokesOf(await world.calmHistory(), userId);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toBeGreaterThanOrEqual(Date.parse(endDateTime ?? ""));
  });

  it(endRow("A user deactivates a membership by PIM for Groups", "cut"), async ({ expect }) => {
    const { scheduleId, groupId, userId } = await startAccess("member");
    await world.control.endGroupAccess({ scheduleId, reason: "deactivated" });
    expect(await outcomesOf(userId)).toEqual(["revoked"]);
    const history = await world.calmHistory();
    expect(revokesOf(history, userId)).toHaveLength(1);
    expect(revokesOf(history, userId)[0]).toBeGreaterThanOrEqual(leftAt(history, groupId, userId));
  });

  it(endRow("A member is removed from a group with a role, outside PIM", "cut"), async ({ expect }) => {
    const [userId = "", other = ""] = await createUsers(2);
    const groupId = await createGroup([userId, other]);
    await assign(groupId, null);
    await known(groupId, 2);
    await world.control.removeMember(groupId, userId);
    expect(await outcomesOf(userId)).toEqual(["revoked"]);
    const history = await world.calmHistory();
    expect(revokesOf(history, userId)).toHaveLength(1);
    expect(revokesOf(history, other)).toEqual([]);
  });

  it(endRow("An administrator removes a membership by PIM for Groups", "cut"), async ({ expect }) => {
    const { scheduleId, groupId, userId } = await startAccess("member");
    await world.control.endGroupAccess({ scheduleId, reason: "removed" });
    expect(await outcomesOf(userId)).toEqual(["revoked"]);
    const history = await world.calmHistory();
    expect(revokesOf(history, userId)).toHaveLength(1);
    expect(revokesOf(history, userId)[0]).toBeGreaterThanOrEqual(leftAt(history, groupId, userId));
  });

  it(endRow("A user deactivates an ownership by PIM for Groups", "cut"), (context) =>
    endOwnership(context, "deactivated"),
  );

  it(endRow("An administrator removes an ownership by PIM for Groups", "cut"), (context) =>
    endOwnership(context, "removed"),
  );

  it(
    endRow("A membership ends whose holder has the same role through another group", "notLost"),
    async ({ expect }) => {
      const [userId = ""] = await createUsers(1);
      const groupId = await createGroup();
      const otherId = await createGroup([userId]);
      await assign(groupId, null);
      await assign(otherId, null);
      await world.control.startGroupAccess({ groupId, principalId: userId, durationSeconds: short });
      expect(await outcomesOf(userId)).toEqual(["stillHeld"]);
      expect(revokesOf(await world.calmHistory(), userId)).toEqual([]);
    },
  );
});
