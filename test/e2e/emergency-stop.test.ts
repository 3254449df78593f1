import { describe, it } from "vitest";
import { readHealth } from "./support/health.ts";
import { revokeRequests, revokesOf } from "./support/history.ts";
import { operate } from "./support/operate.ts";
import { activate } from "./support/roles.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

async function isHeld(world: World, userId: string): Promise<void> {
  await eventually(async () => {
    const [revocation] = (await world.stored(userId)).revocations.values();
    const heldBy = revocation?.progress.state === "pending" ? revocation.progress.heldBy : null;
    if (heldBy !== "stopped") throw new Error(`The end is held by ${heldBy}.`);
  });
}

describe.concurrent("an emergency stop", () => {
  it("given to one of two instances holds both, also when that one dies; resuming by the other lets all go on", async ({
    expect,
  }) => {
    await using world = await openWorld("emergencystop");
    const [one, other] = await Promise.all([world.startHost(), world.startHost()]);
    await world.calmHistory();
    await operate(one, "stop");
    expect([await readHealth(one), await readHealth(other)]).toMatchObject([{ stopped: true }, { stopped: true }]);
    const users = await Promise.all([1, 2, 3].map(() => activate(world.control)));
    for (const { userId } of users) await isHeld(world, userId);
    await one.kill();
    await world.calmHistory();
    expect(revokeRequests(await world.calmHistory())).toEqual([]);
    expect((await readHealth(other)).stopped).toBe(true);

    expect((await operate(other, "resume", { carryOutPending: false })).principals).toBe(3);
    for (const { userId } of users) {
      expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
    }
    const history = await world.calmHistory();
    expect(users.map(({ userId }) => revokesOf(history, userId).length)).toEqual([1, 1, 1]);
  });

  it("by setting holds whatever an operator resumes, until the setting says otherwise", async ({ expect }) => {
    await using world = await openWorld("stopsetting");
    const host = await world.startHost({ CUTOFF_STOP: "true" });
    const { userId } = await activate(world.control);
    await isHeld(world, userId);
    expect((await operate(host, "resume", { carryOutPending: true })).note).toContain("CUTOFF_STOP");
    expect((await readHealth(host)).stopped).toBe(true);
    expect(revokeRequests(await world.calmHistory())).toEqual([]);
    await host.stop();
    await world.startHost();
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
  });
});
