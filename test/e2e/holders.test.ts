import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { endRow } from "./support/end-row.ts";
import { goneAt, isEnd, revokeRequests, revokesOf } from "./support/history.ts";
import { activate, helpdeskAdministrator, userAdministrator } from "./support/roles.ts";
import { openWorld, type World } from "./support/world.ts";

const long = 30;
const unit = "/administrativeUnits/0d22fb3f-6d5c-4a52-a1f8-b9a7d2a4f4d1";

/** The ids that the settings name must be known before the host starts. */
const excluded = randomUUID();
const outsider = randomUUID();
const insiders = {
  guest: randomUUID(),
  deleted: randomUUID(),
  extended: randomUUID(),
  overlapping: randomUUID(),
  wideAndNarrow: randomUUID(),
  narrowAndWide: randomUUID(),
  groupMember: randomUUID(),
  reactivated: randomUUID(),
};

let world: World;

beforeAll(async () => {
  world = await openWorld("holders");
  const { control } = world;
  const members = [excluded, outsider, ...Object.values(insiders)].filter((id) => id !== insiders.guest);
  await Promise.all(members.map((id) => control.createUser({ id, name: "Member" })));
  await control.createUser({ id: insiders.guest, name: "Guest", kind: "guest" });
  await world.startHost({
    INCLUDED_PRINCIPALS: Object.values(insiders).join(","),
    EXCLUDED_PRINCIPALS: excluded,
  });
  // A dozen roles begin at once.
  await world.calmHistory();
});

afterAll(() => world[Symbol.asyncDispose]());

const requestsFor = async (id: string) =>
  revokeRequests(await world.calmHistory()).filter((event) => "path" in event && event.path.includes(id));

describe.concurrent("nobody is asked to revoke", () => {
  it("a user who is excluded", async ({ expect }) => {
    await activate(world.control, { userId: excluded });
    expect(await world.closed(excluded)).toMatchObject([{ outcome: "excluded" }]);
    expect(await requestsFor(excluded)).toEqual([]);
  });

  it("a user who is not among the included", async ({ expect }) => {
    await activate(world.control, { userId: outsider });
    expect(await world.closed(outsider)).toMatchObject([{ outcome: "outOfScope" }]);
    expect(await requestsFor(outsider)).toEqual([]);
  });

  it(endRow("A user is deleted, and the role goes with them", "gone"), async ({ expect }) => {
    const { control, seen, awaitHoldings, closed } = world;
    const userId = insiders.deleted;
    const { scheduleId } = await activate(control, { userId, removal: { delayMs: 4000 } });
    await awaitHoldings(userId);
    await seen((event) => isEnd(event, scheduleId));
    await control.deleteUser(userId);
    expect(await closed(userId)).toMatchObject([{ outcome: "principalGone" }]);
    expect(await requestsFor(userId)).toEqual([]);
  });
});

describe.concurrent("a revoke is asked for and not claimed", () => {
  it(endRow("A role of a guest or an external member ends", "notEnforceable"), async ({ expect }) => {
    const userId = insiders.guest;
    await activate(world.control, { userId });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "notEnforceable", detail: "externalUser" }]);
    expect(await requestsFor(userId)).toHaveLength(1);
  });
});

describe.concurrent("a revoke comes when the privilege is lost and not before, for a user whose role", () => {
  it(endRow("A role that was extended expires at its later end", "cut"), async ({ expect }) => {
    const userId = insiders.extended;
    const { scheduleId, end } = await activate(world.control, { userId });
    await world.awaitHoldings(userId);
    await world.control.extend({ scheduleId, bySeconds: 8 });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
    const history = await world.calmHistory();
    const accepted = revokesOf(history, userId);
    expect(accepted).toHaveLength(1);
    expect(goneAt(history, scheduleId)).toBeGreaterThanOrEqual(end + 8000);
    expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
  });

  it(endRow("Two overlapping assignments of the same role end", "cutOnce"), async ({ expect }) => {
    const userId = insiders.overlapping;
    await activate(world.control, { userId });
    const { scheduleId } = await world.control.assign({
      principalId: userId,
      roleDefinitionId: userAdministrator,
      durationSeconds: long,
    });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
    const history = await world.calmHistory();
    const accepted = revokesOf(history, userId);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
  });

  it(
    endRow("A role ends for an administrative unit while it lasts for the tenant, and then for the tenant", "cutOnce"),
    async ({ expect }) => {
      const userId = insiders.wideAndNarrow;
      await activate(world.control, { userId, directoryScopeId: unit });
      const { scheduleId } = await activate(world.control, { userId, seconds: long });
      const closed = await world.closed(userId, 2);
      expect(closed.map(({ outcome }) => outcome).toSorted()).toEqual(["revoked", "stillHeld"]);
      const history = await world.calmHistory();
      const accepted = revokesOf(history, userId);
      expect(accepted).toHaveLength(1);
      expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
    },
  );

  it(
    endRow("A role ends for the tenant while it lasts for an administrative unit, and then there", "cutPerEnd"),
    async ({ expect }) => {
      const userId = insiders.narrowAndWide;
      const wide = await activate(world.control, { userId });
      const narrow = await activate(world.control, { userId, seconds: long, directoryScopeId: unit });
      const closed = await world.closed(userId, 2);
      expect(closed.map(({ outcome }) => outcome)).toEqual(["revoked", "revoked"]);
      const history = await world.calmHistory();
      const accepted = revokesOf(history, userId);
      expect(accepted).toHaveLength(2);
      expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, wide.scheduleId));
      expect(accepted[0]).toBeLessThan(narrow.end);
      expect(accepted[1]).toBeGreaterThanOrEqual(goneAt(history, narrow.scheduleId));
    },
  );

  it(
    endRow("A role ends that is held through a group as well, and then the group loses it", "cutOnce"),
    async ({ expect }) => {
      const { control } = world;
      const userId = insiders.groupMember;
      const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
      await control.addMember(groupId, userId);
      const held = { principalId: groupId, roleDefinitionId: helpdeskAdministrator, durationSeconds: long };
      const { scheduleId } = await control.assign(held);
      const own = await activate(control, { userId, roleDefinitionId: helpdeskAdministrator });
      expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
      const history = await world.calmHistory();
      const accepted = revokesOf(history, userId);
      expect(accepted).toHaveLength(1);
      expect(goneAt(history, scheduleId)).toBeGreaterThan(goneAt(history, own.scheduleId));
      expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
    },
  );

  it(
    endRow("A role is activated again seconds after its end was cut, and ends again", "cutPerEnd"),
    async ({ expect }) => {
      const { control, seen } = world;
      const userId = insiders.reactivated;
      const first = await activate(control, { userId });
      await seen((event) => event.event === "revokeAccepted" && event.userId === userId);
      const second = await activate(control, { userId });
      const closed = await world.closed(userId, 2);
      expect(closed.map(({ outcome }) => outcome)).toEqual(["revoked", "revoked"]);
      const history = await world.calmHistory();
      const accepted = revokesOf(history, userId);
      expect(accepted).toHaveLength(2);
      expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, first.scheduleId));
      expect(accepted[1]).toBeGreaterThanOrEqual(goneAt(history, second.scheduleId));
    },
  );
});
