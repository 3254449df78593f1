import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../local/stack/free-port.ts";
import { tokenFlaws } from "../../local/tenant/notifications/notification-settings.ts";
import { alarmsOf } from "./support/alarms.ts";
import { revokeRequests } from "./support/history.ts";
import { startReachableHost } from "./support/reachable-host.ts";
import { createRoleGroup, lastOf, subscribed } from "./support/watched-group.ts";
import { eventually, type LoggingHost, openWorld, type World } from "./support/world.ts";

let world: World;
let host: LoggingHost;
let group: Awaited<ReturnType<typeof createRoleGroup>>;

beforeAll(async () => {
  world = await openWorld("validationtokens");
  await world.control.changeSettings({ notifications: { delayMs: 0 } });
  host = await startReachableHost(world, await freePort());
  group = await createRoleGroup(world, 4);
  await subscribed(world, group);
}, 120_000);

afterAll(() => world[Symbol.asyncDispose]());

/** The answer to the notification of what `act` does. */
async function answerTo(act: () => Promise<unknown>): Promise<number> {
  const past = await lastOf(world);
  await act();
  const answered = await world.seen(
    (event) => event.event === "notificationDelivered" || event.event === "notificationRefused",
    past,
  );
  return answered.event === "notificationDelivered" ? answered.status : 0;
}

const rejected = async () => (await alarmsOf(host)).filter(({ event }) => event === "validationTokenBad").length;

// The client state is right every time: the token alone shows that it is not Graph.
it.each(tokenFlaws.filter((flaw) => flaw !== "none"))(
  "a validation token that is forged (%s) rejects the collection, without a reason and without a write to Graph",
  async (tokenFlaw) => {
    const before = await rejected();
    await world.control.changeSettings({ notifications: { validationTokens: "v2", tokenFlaw } });
    const { id } = await world.control.createUser({ name: "Newcomer" });
    expect(await answerTo(() => world.control.addMember(group.groupId, id))).toBe(202);
    await eventually(async () => expect(await rejected()).toBe(before + 1));
    expect(revokeRequests(await world.control.history())).toEqual([]);
  },
);

it.each([
  ["1.0", "v1"],
  ["2.0", "v2"],
] as const)("a validation token of Graph's, version %s, is accepted and leads to the revoke", async (_, version) => {
  const before = await rejected();
  await world.control.changeSettings({ notifications: { validationTokens: version, tokenFlaw: "none" } });
  const user = group.users.pop() ?? "";
  expect(await answerTo(() => world.control.removeMember(group.groupId, user))).toBe(202);
  expect(await world.closed(user)).toMatchObject([{ outcome: "revoked" }]);
  expect([...(await world.stored(user)).revocations.values()]).toMatchObject([{ foundBy: "notification" }]);
  expect(await rejected()).toBe(before);
});

it("a token signed with a new key is accepted as soon as the keys may be fetched again, and nothing is lost", async () => {
  const before = await rejected();
  await world.control.changeSettings({ notifications: { firstRetryMs: 5000 } });
  await world.control.rotatePublisherKeys();
  const past = await lastOf(world);
  const user = group.users.pop() ?? "";
  await world.control.removeMember(group.groupId, user);
  await world.seen((event) => event.event === "notificationDelivered", past);
  expect(await world.closed(user)).toMatchObject([{ outcome: "revoked" }]);
  expect(await rejected()).toBe(before);
});
