import { it } from "vitest";
import { endRow } from "./support/end-row.ts";
import { goneAt, isRemoved, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

it(endRow("A role is activated again before its end was seen", "notLost"), async ({ expect }) => {
  await using world = await openWorld("reactivated");
  const { control } = world;
  await world.startHost();
  const first = await activate(control);
  await world.awaitHoldings(first.userId);
  // The list shows everything four seconds late, so the app sees the new activation in the place of the old one.
  await control.replicate({ store: "instances", lagsMs: [4000] });
  await world.seen((event) => isRemoved(event, first.scheduleId, "directory", "last"));
  const second = await activate(control, { userId: first.userId });

  // The one loss is that of the second activation: tokens of the first one are cut with it.
  expect(await world.closed(first.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  const history = await world.calmHistory();
  const accepted = revokesOf(history, first.userId);
  expect(accepted).toHaveLength(1);
  expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, second.scheduleId));
});
