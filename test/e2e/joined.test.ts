import { expect, it } from "vitest";
import { endRow } from "./support/end-row.ts";
import { goneAt, isRemoved, revokesOf } from "./support/history.ts";
import { userAdministrator } from "./support/roles.ts";
import { eventually, openWorld } from "./support/world.ts";

it(endRow("Somebody joins a group after it lost its role, as the audit log shows", "notLost"), async () => {
  await using world = await openWorld("joined");
  const { control } = world;
  await control.changeSettings({ audit: { queryableAfterMs: 0 } });
  await world.startHost();
  const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
  const { id: member } = await control.createUser({ name: "Member" });
  const { id: newcomer } = await control.createUser({ name: "Newcomer" });
  await control.addMember(groupId, member);
  const role = { principalId: groupId, roleDefinitionId: userAdministrator, durationSeconds: 25 };
  const { scheduleId } = await control.assign(role);
  await eventually(async () => {
    const { members } = await world.stored(groupId);
    if (members.size < 1) throw new Error("The member is not known yet.");
  });

  // While the members cannot be read, the end waits; meanwhile somebody joins who never had the role.
  await control.addFault({
    path: `groups/${groupId}/transitiveMembers`,
    fault: { kind: "status", statuses: [503], retryAfterSeconds: 2 },
  });
  await world.seen((event) => isRemoved(event, scheduleId, "directory", "last"));
  const cutOff = await eventually(async () => {
    const { fanouts } = await world.stored(groupId);
    const [end] = [...fanouts.values()].flatMap(({ ends }) => ends);
    if (end === undefined) throw new Error("The end is not seen yet.");
    return end.cutOff;
  });
  await eventually(async () => {
    if (Date.parse((await control.clock()).now) < cutOff + 2000) throw new Error("It is the second of the end.");
  });
  await control.addMember(groupId, newcomer);
  await control.clearFaults();

  expect(await world.closed(member)).toMatchObject([{ outcome: "revoked" }]);
  const history = await world.calmHistory();
  expect(revokesOf(history, member)[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
  expect(revokesOf(history, newcomer)).toEqual([]);
  expect((await world.stored(newcomer)).revocations.size).toBe(0);
});
