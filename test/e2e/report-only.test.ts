import { expect, it } from "vitest";
import { isEnd, revokeRequests } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

it("in reportOnly makes no revoke request, and records what it would have done", async () => {
  await using world = await openWorld("reportonly");
  await world.startHost({ CUTOFF_MODE: "reportOnly" });
  const { userId, scheduleId } = await activate(world.control);

  expect(await world.closed(userId)).toMatchObject([{ outcome: "reportOnly", detail: "wouldRevoke" }]);
  const history = await world.calmHistory();
  expect(history.some((event) => isEnd(event, scheduleId))).toBe(true);
  expect(revokeRequests(history)).toEqual([]);
});
