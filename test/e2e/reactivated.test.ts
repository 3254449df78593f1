import { describe, it, type TestContext } from "vitest";
import type { Account } from "./support/accounts.ts";
import { endRow } from "./support/end-row.ts";
import { goneAt, isRemoved, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { openWorld } from "./support/world.ts";

/** Time enough for a resync to see the role before it ends; seconds. */
const short = 14;

/** A user activates the role again before the app has seen its end. Returns what became of both ends, by the tenant's times. */
async function play({ expect }: TestContext, account: Account, settings: Readonly<Record<string, string>>) {
  await using world = await openWorld(account);
  const { control } = world;
  await world.startHost(settings);
  const first = await activate(control, { seconds: short });
  await world.watched(first.userId);
  // The list shows everything four seconds late, so the app sees the new activation in the place of the old one.
  await control.replicate({ store: "instances", lagsMs: [4000] });
  await world.seen((event) => isRemoved(event, first.scheduleId, "directory", "last"));
  const second = await activate(control, { userId: first.userId, seconds: short });

  const [{ outcome: early } = { outcome: null }] = await world.closed(first.userId);
  const closed = await world.closed(first.userId, 2);
  const history = await world.calmHistory();
  expect(revokesOf(history, first.userId).every((at) => at >= goneAt(history, first.scheduleId))).toBe(true);
  return {
    early,
    outcomes: closed.map(({ outcome }) => outcome).toSorted(),
    accepted: revokesOf(history, first.userId).map((at) => (at < second.end ? "before the second end" : "after it")),
  };
}

describe.concurrent("a role that is active again when its end is seen", () => {
  it(endRow("A role is activated again before its end was seen", "superseded"), async (context) => {
    context.expect(await play(context, "reactivated", {})).toEqual({
      early: "superseded",
      outcomes: ["revoked", "superseded"],
      accepted: ["after it"],
    });
  });

  it("is cut all the same with REVOKE_WHEN_REACTIVATED", async (context) => {
    const settings = { REVOKE_WHEN_REACTIVATED: "true" };
    context.expect(await play(context, "reactivatedcut", settings)).toEqual({
      early: "revoked",
      outcomes: ["revoked", "revoked"],
      accepted: ["before the second end", "after it"],
    });
  });
});
