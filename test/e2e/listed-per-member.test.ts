import { expect, it } from "vitest";
import { goneAt, revokeRequests, revokesOf } from "./support/history.ts";
import { userAdministrator } from "./support/roles.ts";
import { eventually, openWorld } from "./support/world.ts";

/** Time enough for the app to find the group and everybody in it; seconds. */
const short = 25;

// `groups.test.ts` shows the same of a tenant that lists it once. Graph's documents do not say which it is.
it("a role of a group that Graph lists once per member as well ends: each member is cut once, and who holds it otherwise is not", async () => {
  await using world = await openWorld("listedpermember");
  const { control } = world;
  await control.changeSettings({ groupRolesListed: "perMember" });
  const createUser = async () => (await control.createUser({ name: "Member" })).id;
  const members = await Promise.all([createUser(), createUser(), createUser()]);
  const holder = await createUser();
  const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
  for (const id of [...members, holder]) await control.addMember(groupId, id);
  await control.assign({ principalId: holder, roleDefinitionId: userAdministrator });
  await world.startHost();
  const role = { principalId: groupId, roleDefinitionId: userAdministrator, durationSeconds: short };
  const { scheduleId } = await control.assign(role);
  await eventually(async () => {
    const known = (await world.stored(groupId)).members.size;
    if (known < 4) throw new Error(`${known} of 4 members are known.`);
  });

  for (const id of members) expect(await world.closed(id)).toMatchObject([{ outcome: "revoked", verified: true }]);
  expect(await world.closed(holder)).toMatchObject([{ outcome: "stillHeld" }]);
  const history = await world.calmHistory();
  const gone = goneAt(history, scheduleId);
  for (const id of members) {
    const [accepted = Number.NaN, ...more] = revokesOf(history, id);
    expect(more).toEqual([]);
    expect(accepted).toBeGreaterThanOrEqual(gone);
    expect(accepted).toBeLessThan(gone + 5000);
  }
  const ofHolder = revokeRequests(history).filter((event) => "path" in event && event.path.includes(holder));
  expect(ofHolder).toEqual([]);
});
