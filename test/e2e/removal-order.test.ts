import { describe, it, type TestContext } from "vitest";
import type { Account } from "./support/accounts.ts";
import { goneAt, isRemoved, revokesOf, timeOf } from "./support/history.ts";
import { type Activation, activate, type WantedActivation } from "./support/roles.ts";
import { openWorld, type World } from "./support/world.ts";

/** Milliseconds between the two removals. */
const gap = 1500;

/** Milliseconds for which a stale replica of the list goes on showing what is gone. */
const staleFor = 10_000;

interface Order {
  readonly account: Account;
  readonly removal?: WantedActivation["removal"];
  /** Called once the holding of the role is stored. */
  readonly prepare?: (world: World, role: Activation) => Promise<unknown>;
}

/** Lets a role end and returns when it was gone, by which the one revoke may come, and when it came. */
async function play({ expect }: TestContext, { account, removal = {}, prepare }: Order) {
  await using world = await openWorld(account);
  await world.startHost();
  const role = await activate(world.control, { removal });
  await world.awaitHoldings(role.userId);
  await prepare?.(world, role);

  expect(await world.closed(role.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  await world.seen((event) => isRemoved(event, role.scheduleId, "list", "last"));
  const history = await world.calmHistory();
  const accepted = revokesOf(history, role.userId);
  expect(accepted).toHaveLength(1);
  const removed = (store: "list" | "directory", shown: "first" | "last") =>
    history.filter((event) => isRemoved(event, role.scheduleId, store, shown)).map(timeOf)[0] ?? Number.NaN;
  return { accepted: accepted[0] ?? Number.NaN, gone: goneAt(history, role.scheduleId), removed };
}

describe.concurrent("one revoke follows, after both are gone, when a role leaves", () => {
  it("the list first and the directory later", async (context) => {
    const { accepted, gone, removed } = await play(context, {
      account: "listfirst",
      removal: { directoryAfterMs: gap },
    });
    context.expect(removed("directory", "last") - removed("list", "last")).toBeGreaterThanOrEqual(gap);
    context.expect(accepted).toBeGreaterThanOrEqual(gone);
  });

  it("the directory first and the list later", async (context) => {
    const { accepted, gone, removed } = await play(context, {
      account: "directoryfirst",
      removal: { listAfterMs: gap },
    });
    context.expect(removed("list", "last") - removed("directory", "last")).toBeGreaterThanOrEqual(gap);
    context.expect(accepted).toBeGreaterThanOrEqual(gone);
  });

  it("the directory first, while every read goes to a stale replica of the list", async (context) => {
    const { accepted, gone, removed } = await play(context, {
      account: "stalelist",
      prepare: ({ control }) => control.replicate({ store: "instances", lagsMs: [0, staleFor], force: 1 }),
    });
    context.expect(removed("list", "last") - removed("list", "first")).toBeGreaterThanOrEqual(staleFor);
    context.expect(accepted).toBeGreaterThanOrEqual(gone);
  });

  it("both, while any read may go to a stale replica of the list that brings the role back", async (context) => {
    const { accepted, gone, removed } = await play(context, {
      account: "mixedlist",
      prepare: ({ control }) => control.replicate({ store: "instances", lagsMs: [0, staleFor] }),
    });
    // The first absence after the known end is proof: whoever waited for the last replica would wait for lag alone.
    context.expect(accepted).toBeGreaterThanOrEqual(removed("list", "first"));
    context.expect(accepted).toBeLessThan(gone);
  });
});
