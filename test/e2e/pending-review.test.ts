import { describe, it } from "vitest";
import { alarmsOf } from "./support/alarms.ts";
import { readHealth } from "./support/health.ts";
import { revokeRequests, revokesOf } from "./support/history.ts";
import { operate } from "./support/operate.ts";
import { activate } from "./support/roles.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

const hours = 3_600_000;

const heldBy = async (world: World, userId: string): Promise<string | null> => {
  const [revocation] = (await world.stored(userId)).revocations.values();
  return revocation?.progress.state === "pending" ? revocation.progress.heldBy : null;
};

/** Ends somebody's role, waits until the stop holds it, and lets two hours of the tenant's time go by. */
async function endTwoHoursAgo(world: World): Promise<string> {
  const { userId } = await activate(world.control);
  await eventually(async () => {
    if ((await heldBy(world, userId)) !== "stopped") throw new Error("The end is not held yet.");
  });
  await world.control.setClock({ jumpMs: 2 * hours });
  return userId;
}

describe.concurrent("what ended more than an hour before revoking began again", () => {
  it("is shown before an operator's stop is lifted, and carried out only on the operator's word", async ({
    expect,
  }) => {
    await using world = await openWorld("review");
    await world.control.changeSettings({ appTokenSeconds: 86_400 });
    const host = await world.startHost();
    await operate(host, "stop");
    const userId = await endTwoHoursAgo(world);
    await world.calmHistory();

    const shown = await operate(host, "resume");
    expect(shown.pending).toEqual({
      principals: [{ principalId: userId, ends: [{ olderThanAnHour: true, heldBy: "stopped" }] }],
      more: 0,
    });
    expect((await readHealth(host)).stopped).toBe(true);
    await operate(host, "resume", { carryOutPending: false });
    await eventually(async () => expect(await heldBy(world, userId)).toBe("review"));
    await eventually(async () => {
      const { pending, problems } = await readHealth(host);
      expect(pending.inReview).toBe(1);
      expect(problems).toContainEqual(expect.stringContaining("/api/operations/review"));
    });
    expect(revokeRequests(await world.calmHistory())).toEqual([]);

    const { operationId } = await operate(host, "release", { principalId: userId });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
    expect([...(await world.stored(userId)).revocations.values()]).toMatchObject([{ approved: operationId }]);
  });

  it("shows when the settings end a stop, and waits, while what ends now is cut at once", async ({ expect }) => {
    await using world = await openWorld("reviewafterstop");
    await world.control.changeSettings({ appTokenSeconds: 86_400 });
    const stopped = await world.startHost({ CUTOFF_STOP: "true" });
    const userId = await endTwoHoursAgo(world);
    await stopped.stop();

    const host = await world.startHost();
    const { userId: young } = await activate(world.control);
    expect(await world.closed(young)).toMatchObject([{ outcome: "revoked" }]);
    await eventually(async () => expect(await heldBy(world, userId)).toBe("review"));
    expect(await alarmsOf(host)).toContainEqual(
      expect.objectContaining({ event: "revokingBegan", after: "stop", pendingPrincipals: 1 }),
    );
    expect(revokesOf(await world.calmHistory(), userId)).toEqual([]);
    await operate(host, "resume", { carryOutPending: true });
    expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked" }]);
  });
});
