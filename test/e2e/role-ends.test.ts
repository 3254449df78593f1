import { afterAll, beforeAll, describe, it } from "vitest";
import { alarmsOf } from "./support/alarms.ts";
import { endRow } from "./support/end-row.ts";
import { goneAt, isEnd, revokeRequests, revokesOf } from "./support/history.ts";
import { activate, helpdeskAdministrator, short, userAdministrator } from "./support/roles.ts";
import { eventually, type LoggingHost, openWorld, type World } from "./support/world.ts";

let world: World;
let host: LoggingHost;

beforeAll(async () => {
  world = await openWorld("roleends");
  await world.control.changeSettings({ minimumActiveSeconds: 0 });
  host = await world.startHost();
  // A dozen roles begin at once.
  await world.calmHistory();
});

afterAll(() => world[Symbol.asyncDispose]());

const createUser = async () => (await world.control.createUser({ name: "Member" })).id;

/** Who has lost the role by this assignment's end is cut once, and not before it is gone. */
async function expectOneCut(expect: Chai, userId: string, scheduleId: string): Promise<void> {
  expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  const history = await world.calmHistory();
  const accepted = revokesOf(history, userId);
  expect(accepted).toHaveLength(1);
  expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
}
type Chai = typeof import("vitest").expect;

describe.concurrent("a directory role", () => {
  it(endRow("An activated role expires", "cut"), async ({ expect }) => {
    const { userId, scheduleId } = await activate(world.control);
    await expectOneCut(expect, userId, scheduleId);
  });

  // In the list it may look like a row that only explains what a group gives: see `own-rows.ts`.
  it(endRow("A role expires that a member of an eligible group activated", "cut"), async ({ expect }) => {
    const { id: groupId } = await world.control.createGroup({ name: "Operators", isAssignableToRole: true });
    const principalId = await createUser();
    await world.control.addMember(groupId, principalId);
    await world.control.makeEligible({ principalId: groupId, roleDefinitionId: userAdministrator });
    const role = { principalId, roleDefinitionId: userAdministrator, durationSeconds: short };
    const { scheduleId } = await world.control.activate(role);
    // Without it only the audit log would report it, later.
    await world.awaitHoldings(principalId);
    await expectOneCut(expect, principalId, scheduleId);
  });

  it("of an administrator who sets their own userType to Guest before the end, and back after it, is cut", async ({
    expect,
  }) => {
    const { control, awaitHoldings, seen } = world;
    const { userId, scheduleId } = await activate(control);
    await awaitHoldings(userId);
    await control.changeUser(userId, { userType: "Guest" });
    await seen((event) => isEnd(event, scheduleId));
    await expectOneCut(expect, userId, scheduleId);
    await control.changeUser(userId, { userType: "Member" });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
  });

  it("of somebody in a restricted management administrative unit is refused, with the cure, and cut once that is there", async ({
    expect,
  }) => {
    const { control, awaitHoldings } = world;
    const { userId } = await activate(control);
    await awaitHoldings(userId);
    await control.changeUser(userId, { isManagementRestricted: true });
    await eventually(async () => {
      const refusals = (await alarmsOf(host)).filter(({ principalId }) => principalId === userId);
      expect(refusals).toMatchObject([
        {
          event: "revokeRefused",
          code: "managementRestricted",
          message: expect.stringContaining("scope of that unit"),
        },
      ]);
    });
    await control.changeUser(userId, { isManagementRestricted: false });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
  });

  it(endRow("A user deactivates a role", "cut"), async ({ expect }) => {
    const { userId, scheduleId } = await activate(world.control, { seconds: 3600 });
    await world.awaitHoldings(userId);
    await world.control.deactivate(scheduleId);
    await expectOneCut(expect, userId, scheduleId);
  });

  it(endRow("An administrator removes an activated role", "cut"), async ({ expect }) => {
    const { userId, scheduleId } = await activate(world.control, { seconds: 3600 });
    await world.awaitHoldings(userId);
    await world.control.remove(scheduleId);
    await expectOneCut(expect, userId, scheduleId);
  });

  it.for([
    [endRow("An administrator removes a time-bound active assignment", "cut"), 3600],
    [endRow("An administrator removes a permanent active assignment", "cut"), null],
  ] as const)("%s", async ([, durationSeconds], { expect }) => {
    const principalId = await createUser();
    const { scheduleId } = await world.control.assign({
      principalId,
      roleDefinitionId: userAdministrator,
      durationSeconds,
    });
    await world.awaitHoldings(principalId);
    await world.control.remove(scheduleId);
    await expectOneCut(expect, principalId, scheduleId);
  });

  it(endRow("A time-bound active assignment expires", "cut"), async ({ expect }) => {
    const principalId = await createUser();
    const role = { principalId, roleDefinitionId: userAdministrator, durationSeconds: short };
    const { scheduleId } = await world.control.assign(role);
    await expectOneCut(expect, principalId, scheduleId);
  });

  it(endRow("The eligibility behind an activated role is removed, and with it the role", "cut"), async ({ expect }) => {
    const { userId, scheduleId } = await activate(world.control, { seconds: 3600 });
    await world.awaitHoldings(userId);
    const privilege = { principalId: userId, roleDefinitionId: userAdministrator };
    await world.control.removeEligibility(privilege);
    await expectOneCut(expect, userId, scheduleId);
  });

  it(endRow("A role is removed outside PIM, in the directory", "cut"), async ({ expect }) => {
    const { userId, scheduleId } = await activate(world.control, { seconds: 3600 });
    await world.awaitHoldings(userId);
    await world.control.removeOutsidePim({ principalId: userId, roleDefinitionId: userAdministrator });
    await expectOneCut(expect, userId, scheduleId);
  });

  it(endRow("A role of a user who has been disabled meanwhile ends", "cut"), async ({ expect }) => {
    const { userId, scheduleId } = await activate(world.control);
    await world.awaitHoldings(userId);
    await world.control.changeUser(userId, { accountEnabled: false });
    await expectOneCut(expect, userId, scheduleId);
  });

  it(endRow("A custom role expires", "cut"), async ({ expect }) => {
    const { id: roleDefinitionId } = await world.control.createRole({ name: "Printer Keeper" });
    const { userId, scheduleId } = await activate(world.control, { roleDefinitionId });
    await expectOneCut(expect, userId, scheduleId);
  });

  it(endRow("One of two roles expires", "cut"), async ({ expect }) => {
    const { userId, scheduleId } = await activate(world.control);
    await world.control.assign({ principalId: userId, roleDefinitionId: helpdeskAdministrator });
    await expectOneCut(expect, userId, scheduleId);
  });

  it(endRow("A role is extended before its end", "notLost"), async ({ expect }) => {
    const { userId, scheduleId, end } = await activate(world.control);
    await world.awaitHoldings(userId);
    await world.control.extend({ scheduleId, bySeconds: 3600 });
    await world.seen((event) => isEnd(event, scheduleId) || Date.parse(event.at) > end + 15_000);
    expect(revokesOf(await world.calmHistory(), userId)).toEqual([]);
    expect((await world.stored(userId)).revocations.size).toBe(0);
  });

  it(
    endRow("A role of a service principal, a managed identity or an agent identity ends", "notEnforceable"),
    async ({ expect }) => {
      const begun = Date.now();
      const { id: userId } = await world.control.createServicePrincipal();
      await activate(world.control, { userId });
      const [closed] = await world.closed(userId);
      expect(closed).toMatchObject({ outcome: "notEnforceable", detail: "notAUser" });
      // A minute of 404s from the first reading on: a slow replica may not know a user.
      expect(Number(closed?.closedAt) - begun).toBeGreaterThanOrEqual(59_000);
      const asked = revokeRequests(await world.calmHistory()).filter(
        (event) => "path" in event && event.path.includes(userId),
      );
      expect(asked).toEqual([]);
    },
  );
});
