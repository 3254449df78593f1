import { expect, it } from "vitest";
import { goneAt, revokesOf } from "./support/history.ts";
import { userAdministrator } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

/** More than the threshold allows at once by default. */
const size = 40;
const allowed = 25;

it("a large group loses its role: the threshold holds the rest until the audit log shows the end", async () => {
  await using world = await openWorld("largegroup");
  const { control } = world;
  const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
  const members: string[] = [];
  for (let n = 0; n < size; n += 1) {
    const { id } = await control.createUser({ name: "Member" });
    await control.addMember(groupId, id);
    members.push(id);
  }
  await world.startHost();
  const role = { principalId: groupId, roleDefinitionId: userAdministrator, durationSeconds: 20 };
  const { scheduleId } = await control.assign(role);
  for (const id of members) expect(await world.closed(id)).toMatchObject([{ outcome: "revoked" }]);
  const history = await world.calmHistory();
  const gone = goneAt(history, scheduleId);
  const seconds = members.flatMap((id) => revokesOf(history, id)).map((at) => (at - gone) / 1000);
  expect(seconds).toHaveLength(size);
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(0);
  const marks = await Promise.all(
    members.map(async (id) => [...(await world.stored(id)).revocations.values()].map(({ threshold }) => threshold)),
  );
  const corroborated = marks.flat().filter((mark) => mark === "corroborated");
  console.log(
    `large group: first cut after ${Math.min(...seconds)} s, last after ${Math.max(...seconds)} s; ${corroborated.length} by the audit log`,
  );
  expect(corroborated).toHaveLength(size - allowed);
});
