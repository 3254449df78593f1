import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { goneAt, isRemoved, revokesOf } from "./support/history.ts";
import { purgeQueues } from "./support/purge-queues.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

/** Milliseconds from the removal to the accepted revoke. */
const bound = 30_000;

it("cuts every end though all queues are purged, again and again, while it is awaited and right after it", async () => {
  await using world = await openWorld("purged");
  await world.startHost();
  const leaving = await Promise.all([20, 22, 26].map((seconds) => activate(world.control, { seconds })));
  await Promise.all(leaving.map(({ userId }) => world.awaitHoldings(userId)));

  let purged = 0;
  const gone = leaving.map(({ scheduleId }) => world.seen((event) => isRemoved(event, scheduleId, "list", "last")));
  const allGone = Promise.all(gone).then(() => true);
  do {
    purged += await purgeQueues(world.connectionString);
  } while (!(await Promise.race([allGone, sleep(1000, false)])));
  purged += await purgeQueues(world.connectionString);

  for (const { userId } of leaving) {
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  }
  const history = await world.calmHistory();
  const delays = leaving.map(({ userId, scheduleId }) => {
    const [accepted = Number.NaN, ...more] = revokesOf(history, userId);
    expect(more).toEqual([]);
    return accepted - goneAt(history, scheduleId);
  });
  console.log(`queues purged: ${purged} messages; ${delays.join(", ")} ms from removal to accepted revoke`);
  expect(purged).toBeGreaterThanOrEqual(leaving.length);
  for (const delay of delays) {
    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThanOrEqual(bound);
  }
});
