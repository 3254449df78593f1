import { describe, expect, it } from "vitest";
import { GraphPermanentError, GraphRetryableError } from "../../../shared/graph/errors.ts";
import { start } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupAccess, groupRole, member } from "../../fixtures/group-world.ts";

const three = [member(1), member(2), member(3)];
const unavailable = new GraphRetryableError("Unavailable.", { code: "timeout", reason: "unavailable" });
const throttled = new GraphRetryableError("Throttled.", {
  code: "TooManyRequests",
  status: 429,
  reason: "throttled",
  retryAfter: 30_000,
});
const forbidden = new GraphPermanentError("Forbidden.", { code: "Authorization_RequestDenied", status: 403 });

const revokedUsers = (world: ReturnType<typeof createGroupWorld>) =>
  world.revoked.map(({ userId }) => userId).toSorted();

describe("while a group's members cannot be read", () => {
  it.each([
    ["for a while", unavailable, 100, 110],
    ["because Graph asks to wait", throttled, 100, 150],
    ["because we may not", forbidden, 100, 190],
  ])(
    "%s, the end of its role waits, for those who are in it by now, and is fanned out then",
    async (_, error, until, by) => {
      const world = createGroupWorld();
      world.shown.members.set(admins, three);
      await world.pass();
      world.from(61.4, () => {
        world.shown.roles = [];
        world.shown.members.set(admins, [...three, member(4)]);
        world.shown.membersError = error;
      });
      world.from(until, () => {
        world.shown.membersError = undefined;
      });
      await world.deliver(until - 25);
      expect(world.revoked).toEqual([]);
      expect((await world.stateOf()).fanouts.size).toBe(1);
      // Tried again now and then, not without a pause.
      const seconds = (world.dependencies.clock.now() - start) / 1000 - 61.4;
      expect(world.recorded.filter(({ name }) => name.startsWith("members")).length).toBeLessThan(2 * seconds);
      await world.deliver(by);
      expect(revokedUsers(world)).toEqual([...three, member(4)]);
    },
  );

  it("the end of its role is noticed all the same", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    world.shown.membersError = forbidden;
    await world.pass();
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(70);
    expect(world.recordedOf("groupEnded")).toMatchObject([{ principalId: admins, memberId: null }]);
    expect((await world.stateOf()).head.openSince).toBeGreaterThan(start + 60_000);
    expect(world.recordedOf("membersRefused")).toContainEqual(
      expect.objectContaining({ principalId: admins, status: 403, message: forbidden.message }),
    );
  });
});

describe("without the permission to read PIM for Groups", () => {
  it("the end of a role is fanned out, and nobody is taken to have left", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    world.shown.accessError = forbidden;
    await world.pass();
    world.from(30, () => world.shown.members.set(admins, [member(1), member(2)]));
    world.from(61.4, () => {
      world.shown.roles = [];
    });
    await world.deliver(120);
    expect(revokedUsers(world)).toEqual(three);
    expect(world.recordedOf("groupAccessRefused").length).toBeGreaterThan(0);
    expect([...(await world.stateOf()).members.values()].every(({ left }) => left === null)).toBe(true);
  });

  it("an outage is no lack of permission: nothing is concluded at all", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    world.shown.accessError = unavailable;
    await world.pass();
    expect((await world.stateOf()).members.size).toBe(0);
    world.shown.accessError = undefined;
    await world.deliver(60);
    expect((await world.stateOf()).members.size).toBe(3);
  });
});

describe("a group that is deleted", () => {
  it("is the end for everybody in it, and is not read any more", async () => {
    const world = createGroupWorld();
    world.shown.members.set(admins, three);
    world.shown.access = [groupAccess(member(1))];
    world.shown.roles = [groupRole({ startDateTime: null, endDateTime: null })];
    await world.pass();
    world.from(400, () => {
      world.shown.members.delete(admins);
      world.shown.roles = [];
      world.shown.access = [];
    });
    await world.deliver(500);
    expect(revokedUsers(world)).toEqual(three);
    await world.deliver(3 * 86_400);
    expect((await world.stateOf()).head.wakeAt).toBeNull();
    expect((await world.stateOf()).members.size).toBe(0);
  });
});

it("a member whom Graph still shows long after the end is raised, once", async () => {
  const world = createGroupWorld();
  world.shown.roles = [groupRole({ endDateTime: null })];
  world.shown.members.set(admins, [member(1), member(2)]);
  world.shown.access = [groupAccess(member(1)), groupAccess(member(2), { endDateTime: null })];
  await world.pass();
  await world.deliver(180);
  expect(world.recordedOf("removalOverdue")).toMatchObject([{ principalId: admins, memberId: member(1) }]);
});
