import { expect, it } from "vitest";
import { isRemoved, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

/** Time enough for a resync to see the role before it ends; seconds. */
const short = 14;

it("spares a user who activated the role again before its end was seen", async () => {
  await using world = await openWorld("reactivated");
  const { control } = world;
  await world.startHost();
  const first = await activate(control, { seconds: short });
  await world.watched(first.userId);
  // The list shows everything four seconds late, so the app sees the new activation in the place of the old one.
  await control.replicate({ store: "instances", lagsMs: [4000] });
  await world.seen((event) => isRemoved(event, first.scheduleId, "directory", "last"));
  const second = await activate(control, { userId: first.userId, seconds: short });

  expect(await world.closed(first.userId)).toMatchObject([{ outcome: "superseded" }]);
  expect(revokesOf(await world.control.history(), first.userId)).toEqual([]);
  const closed = await world.closed(first.userId, 2);
  expect(closed.map(({ outcome }) => outcome).toSorted()).toEqual(["revoked", "superseded"]);
  const accepted = revokesOf(await world.calmHistory(), first.userId);
  expect(accepted).toHaveLength(1);
  expect(accepted[0]).toBeGreaterThanOrEqual(second.end);
});
