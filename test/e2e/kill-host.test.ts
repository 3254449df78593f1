import { describe, it, type TestContext } from "vitest";
import type { Account } from "./support/accounts.ts";
import { goneAt, isEnd, isPassOf, revokesOf, timeOf } from "./support/history.ts";
import { type Activation, activate, type WantedActivation } from "./support/roles.ts";
import { openWorld, type World } from "./support/world.ts";

/** An expiry timer fires four seconds before the end. */
const timerLead = 4000;

/** Shorter than an uncertain call waits for its read-backs. */
const readBackLag = 12_000;

const revokeRequest = { method: "POST", path: "revokeSignInSessions", count: 1 } as const;

interface Step {
  readonly account: Account;
  readonly role?: Partial<WantedActivation>;
  /** Resolves at the moment to kill the host. The role has been activated, and the app has stored its holding unless `isUnknown`. */
  readonly until: (world: World, role: Activation) => Promise<unknown>;
  readonly isUnknown?: boolean;
}

/** Kills the host at the given step, starts a new one, and expects one accepted revoke after the role is gone. */
async function killAndStartAgain({ expect }: TestContext, { account, role = {}, until, isUnknown }: Step) {
  await using world = await openWorld(account);
  const host = await world.startHost();
  await world.calmHistory();
  const activation = await activate(world.control, { seconds: 20, ...role });
  if (!isUnknown) await world.awaitHoldings(activation.userId);
  await until(world, activation);
  await host.kill();
  const left = await world.stored(activation.userId);
  await world.control.clearFaults();
  await world.startHost();

  expect(await world.closed(activation.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
  const history = await world.calmHistory();
  const accepted = revokesOf(history, activation.userId);
  expect(accepted).toHaveLength(1);
  expect(accepted[0]).toBeGreaterThanOrEqual(goneAt(history, activation.scheduleId));
  return left;
}

describe.concurrent("a host killed and started again revokes exactly once when it was killed", () => {
  it("before it knew of the role", async (context) => {
    const { holdings } = await killAndStartAgain(context, {
      account: "beforeholding",
      isUnknown: true,
      until: async () => {},
    });
    context.expect(holdings.size).toBe(0);
  });

  it("when it had stored the holding", async (context) => {
    await killAndStartAgain(context, { account: "holding", until: async () => {} });
  });

  it("while it waited for the end, the timer's message taken", async (context) => {
    await killAndStartAgain(context, {
      account: "waiting",
      until: (world, { userId, end }) =>
        world.seen((event) => isPassOf(event, userId) && timeOf(event) > end - timerLead - 1000),
    });
  });

  it("between the end and the removal", async (context) => {
    await killAndStartAgain(context, {
      account: "ended",
      role: { removal: { delayMs: 4000 } },
      async until(world, { userId, scheduleId }) {
        const { seq } = await world.seen((event) => isEnd(event, scheduleId));
        await world.seen((event) => isPassOf(event, userId), seq);
      },
    });
  });

  it("with the revoke on its way, before Graph applied it", async (context) => {
    const { attempt } = await killAndStartAgain(context, {
      account: "notapplied",
      async until({ control, seen }) {
        await control.addFault({ ...revokeRequest, fault: { kind: "hang", when: "beforeEffect" } });
        await seen((event) => event.event === "faultApplied");
      },
    });
    context.expect(attempt).toMatchObject({ state: "open" });
  });

  it("with the revoke on its way, after Graph applied it", async (context) => {
    const { attempt } = await killAndStartAgain(context, {
      account: "applied",
      async until({ control, seen }) {
        await control.addFault({ ...revokeRequest, fault: { kind: "hang", when: "afterEffect" } });
        await seen((event) => event.event === "faultApplied");
      },
    });
    context.expect(attempt).toMatchObject({ state: "open" });
  });

  it("with the revoke on its way, after Graph applied it where reads do not show it yet", async (context) => {
    const { attempt } = await killAndStartAgain(context, {
      account: "appliedlagging",
      async until({ control, seen }) {
        await control.replicate({ store: "users", lagsMs: [readBackLag] });
        await control.addFault({ ...revokeRequest, fault: { kind: "hang", when: "afterEffect" } });
        await seen((event) => event.event === "faultApplied");
      },
    });
    context.expect(attempt).toMatchObject({ state: "open" });
  });

  it("between the accepted revoke and its read-back", async (context) => {
    const { revocations } = await killAndStartAgain(context, {
      account: "accepted",
      async until({ control, seen, stored }, { userId }) {
        await control.replicate({ store: "users", lagsMs: [readBackLag] });
        await seen((event) => event.event === "revokeAccepted");
        await context.expect
          .poll(async () => [...(await stored(userId)).revocations.values()][0]?.progress.state, {
            interval: 50,
            timeout: 10_000,
          })
          .toBe("accepted");
      },
    });
    context.expect([...revocations.values()]).toMatchObject([{ progress: { state: "accepted" } }]);
  });
});
