import { expect, it } from "vitest";
import { goneAt, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

const count = 10;
const first = 14;
/** Seconds between two ends: with a remainder, so that they fall on all parts of a second. */
const apart = 1.53;

it("accepts each of ten revokes within a second of the removal, half of them within half a second", async () => {
  await using world = await openWorld("latency");
  await world.startHost();
  const roles = await Promise.all(
    Array.from({ length: count }, (_, index) => activate(world.control, { seconds: first + index * apart })),
  );
  await Promise.all(roles.map(({ userId }) => world.closed(userId)));

  const history = await world.calmHistory();
  const delays = roles.map(({ userId, scheduleId }) => {
    const [accepted = Number.NaN, ...more] = revokesOf(history, userId);
    expect(more).toEqual([]);
    return accepted - goneAt(history, scheduleId);
  });
  console.log(`from removal to accepted revoke, by the tenant's times: ${delays.join(", ")} ms`);
  const sorted = delays.toSorted((a, b) => a - b);
  expect(sorted[0]).toBeGreaterThanOrEqual(0);
  expect(sorted[count - 1]).toBeLessThanOrEqual(1000);
  expect(sorted[count / 2]).toBeLessThanOrEqual(500);
});
