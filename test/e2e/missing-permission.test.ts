import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { readHealth } from "./support/health.ts";
import { revokeRequests, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

const permission = "User.RevokeSessions.All";
const others = [
  "RoleAssignmentSchedule.Read.Directory",
  "RoleManagement.Read.Directory",
  "User.Read.All",
  "GroupMember.Read.All",
];

it("without the permission to revoke raises that, keeps the end pending, and revokes once it is granted", async () => {
  await using world = await openWorld("permission");
  const { control } = world;
  await control.changeSettings({ permissions: others, permissionsApplyAtOnce: true });
  const host = await world.startHost();
  const { userId } = await activate(control, { seconds: 14 });
  await world.seen((event) => event.event === "revokeRefused" && event.status === 403);

  const refused = await world.calmHistory();
  expect(revokesOf(refused, userId)).toEqual([]);
  expect(revokeRequests(refused)).toHaveLength(1);
  const alarms = (await readFile(host.log, "utf8")).split("\n").filter((line) => line.includes('"alarm":true'));
  expect(alarms.filter((line) => line.includes(permission) && line.includes(userId))).not.toEqual([]);
  const { obligations } = await world.stored(userId);
  expect([...obligations.values()]).toMatchObject([{ progress: { state: "pending" } }]);
  expect((await readHealth(host)).pending.principals).toBe(1);

  await control.changeSettings({ permissions: [...others, permission] });
  expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  expect(revokesOf(await world.calmHistory(), userId)).toHaveLength(1);
});
