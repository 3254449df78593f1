import { describe, it, type TestContext } from "vitest";
import type { Account } from "./support/accounts.ts";
import { goneAt, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { shiftedClock } from "./support/shifted-clock.ts";
import { openWorld } from "./support/world.ts";

/** Minutes. Beyond 15 storage refuses what is signed with the account's key (Azure docs: Authorize with Shared Key). */
const shift = 7;

/** Resyncs so rare that they hardly ever make up in time for a timer that is wrong. */
const resync = { RESYNC_SECONDS: "15" };

/** Milliseconds from the removal to the accepted revoke: many times what it takes. */
const bound = 3000;

async function cutWithShift({ expect }: TestContext, account: Account, minutes: number): Promise<void> {
  const settings = await shiftedClock(minutes);
  await using world = await openWorld(account);
  const { userId, scheduleId } = await activate(world.control, { seconds: 35 });
  const host = await world.startHost({ ...settings, ...resync });
  const { headers } = await fetch(`${host.url}/api/live`);
  const off = Date.parse(headers.get("date") ?? "") - Date.now();
  expect(Math.round(off / 60_000)).toBe(minutes);

  await world.awaitHoldings(userId);
  expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  const history = await world.calmHistory();
  const [accepted = Number.NaN, ...more] = revokesOf(history, userId);
  expect(more).toEqual([]);
  const delay = accepted - goneAt(history, scheduleId);
  console.log(`the host's clock ${minutes} minutes off: ${delay} ms from removal to accepted revoke`);
  expect(delay).toBeGreaterThanOrEqual(0);
  expect(delay).toBeLessThanOrEqual(bound);
}

describe.concurrent("an end is cut once and in time by a host whose clock", () => {
  it("is fast", (context) => cutWithShift(context, "fastclock", shift));
  it("is slow", (context) => cutWithShift(context, "slowclock", -shift));
});
