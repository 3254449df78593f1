import { describe, it, type TestContext } from "vitest";
import { goneAt, isLookAt, revokesOf, timeOf } from "./support/history.ts";
import { isRunning } from "./support/invocations.ts";
import { activate } from "./support/roles.ts";
import { eventually, openWorld } from "./support/world.ts";

/** Milliseconds from the removal to the accepted revoke, when the host that waited for the end is gone. */
const bound = 30_000;

/** Two hosts on one storage; kills one of them while the first of them waits for the end of a role. */
async function killOneOfTwo({ expect }: TestContext, victim: "waiting" | "idle"): Promise<void> {
  await using world = await openWorld(`${victim}ofpair`);
  const hosts = await Promise.all([world.startHost(), world.startHost()]);
  await world.calmHistory();
  const { userId, scheduleId, end } = await activate(world.control, { seconds: 15 });
  await world.watched(userId);
  await world.seen((event) => isLookAt(event, userId) && timeOf(event) > end - 3000);
  // The other one may just be at another message.
  const waiting = await eventually(async () => {
    const running = await Promise.all(hosts.map((host) => isRunning(host, "principals")));
    expect(running.toSorted()).toEqual([false, true]);
    return running;
  });
  await hosts[waiting.indexOf(victim === "waiting")]?.kill();
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
