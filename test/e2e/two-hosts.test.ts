import { describe, expect, it, type TestContext } from "vitest";
import { goneAt, isPassOf, revokesOf, timeOf } from "./support/history.ts";
import { isRunning } from "./support/invocations.ts";
import { type Activation, activate } from "./support/roles.ts";
import { eventually, type LoggingHost, openWorld, type World } from "./support/world.ts";

/** Milliseconds from the removal to the accepted revoke, when the host that waited for the end is gone. */
const bound = 1000;

/** A role for whose end one of two hosts waits, and whether that is the first. Now and then both read it: then it is another role's turn. */
async function oneWaits(world: World, hosts: readonly LoggingHost[]): Promise<Activation & { waiting: boolean }> {
  for (;;) {
    const role = await activate(world.control);
    await world.awaitHoldings(role.userId);
    await world.seen((event) => isPassOf(event, role.userId) && timeOf(event) > role.end - 3000);
    // The pass before the wait is over: before that nobody waits.
    await eventually(async () => expect((await world.stored(role.userId)).head.standbyFor).toBe(role.end));
    const [first, second] = await Promise.all(hosts.map((host) => isRunning(host, "principals")));
    if (first !== undefined && first !== second) return { ...role, waiting: first };
  }
}

/** Two hosts on one storage; kills one of them while the first of them waits for the end of a role. */
async function killOneOfTwo({ expect }: TestContext, victim: "waiting" | "idle"): Promise<void> {
  await using world = await openWorld(`${victim}ofpair`);
  const hosts = await Promise.all([world.startHost(), world.startHost()]);
  await world.calmHistory();
  const { userId, scheduleId, end, waiting } = await oneWaits(world, hosts);
  await hosts[waiting === (victim === "waiting") ? 0 : 1]?.kill();
  expect(Date.parse((await world.control.clock()).now)).toBeLessThan(end);

  expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  const history = await world.calmHistory();
  const [accepted = Number.NaN, ...more] = revokesOf(history, userId);
  expect(more).toEqual([]);
  const delay = accepted - goneAt(history, scheduleId);
  console.log(`two hosts, the ${victim} one killed: ${delay} ms from removal to accepted revoke`);
  expect(delay).toBeGreaterThanOrEqual(0);
  expect(delay).toBeLessThanOrEqual(bound);
}

describe.concurrent("with two hosts, one revoke follows when in the middle of the wait dies", () => {
  it("the one that waits", (context) => killOneOfTwo(context, "waiting"));
  it("the other one", (context) => killOneOfTwo(context, "idle"));
});
