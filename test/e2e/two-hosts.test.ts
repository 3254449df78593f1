import { setTimeout as delay } from "node:timers/promises";
import { describe, it, type TestContext } from "vitest";
import { goneAt, revokesOf } from "./support/history.ts";
import { isRunning } from "./support/invocations.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

/** Milliseconds from the removal to the accepted revoke: no more than when nobody dies. */
const bound = 1000;

/** Milliseconds before the end: the timer's message has been taken by then (four seconds before, give or take one for the queue). */
const beforeTheEnd = 1800;

/** Two hosts on one storage; kills one of them in the middle of the wait of the first of them for the end of a role. */
async function killOneOfTwo({ expect }: TestContext, victim: "waiting" | "idle"): Promise<void> {
  await using world = await openWorld(`${victim}ofpair`);
  const hosts = await Promise.all([world.startHost(), world.startHost()]);
  await world.calmHistory();
  const { userId, scheduleId, end } = await activate(world.control, { seconds: 15 });
  await world.watched(userId);
  const now = Date.parse((await world.control.clock()).now);
  await delay(end - beforeTheEnd - now);
  const waiting = await Promise.all(hosts.map((host) => isRunning(host, "principals")));
  expect(waiting).toContain(true);
  const first = waiting.indexOf(true);
  await hosts[victim === "waiting" ? first : 1 - first]?.kill();

  expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  const history = await world.calmHistory();
  const [accepted = Number.NaN, ...more] = revokesOf(history, userId);
  expect(more).toEqual([]);
  const late = accepted - goneAt(history, scheduleId);
  console.log(`two hosts, the ${victim} one killed: ${late} ms from removal to accepted revoke`);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThanOrEqual(bound);
}

describe.concurrent("with two hosts, nothing changes when in the middle of the wait dies", () => {
  it("the one that waits", (context) => killOneOfTwo(context, "waiting"));
  it("the other one", (context) => killOneOfTwo(context, "idle"));
});
