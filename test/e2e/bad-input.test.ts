import { QueueClient } from "@azure/storage-queue";
import { describe, it } from "vitest";
import { loadDeadLetters } from "../../shared/operators/pending.ts";
import { signalsQueue } from "../../shared/storage/queue.ts";
import { alarmsOf } from "./support/alarms.ts";
import { readHealth } from "./support/health.ts";
import { isRemoved, revokesOf } from "./support/history.ts";
import { activate } from "./support/roles.ts";
import { startSpoilingProxy } from "./support/spoiling-proxy.ts";
import { eventually, openWorld } from "./support/world.ts";

/** Time enough for a resync to see all the roles before they end, on a busy machine too. */
const seconds = 25;

/** Five tries lead to the poison queue, two seconds apart instead of thirty. */
const soonTriedAgain = { AzureFunctionsJobHost__extensions__queues__visibilityTimeout: "00:00:02" };

describe.concurrent("bad input revokes nothing, and others are served", () => {
  it("messages that are no signals, and a row of a newer version, end as dead letters", async ({ expect }) => {
    await using world = await openWorld("badinput");
    const { control, sealed } = world;
    const host = await world.startHost(soonTriedAgain);
    const fine = await activate(control, { seconds });
    const newer = await activate(control, { seconds });
    await world.awaitHoldings(fine.userId);
    await world.awaitHoldings(newer.userId);
    const content = { schema: 2, somethingNew: true };
    await sealed.principals.commit(newer.userId, [{ type: "upsert", row: "head", content }]);

    const queue = new QueueClient(world.connectionString, signalsQueue);
    const send = (text: string) => queue.sendMessage(Buffer.from(text).toString("base64"));
    await send("{ this is no JSON");
    await send(JSON.stringify({ v: 2, principal: newer.userId }));
    await send(JSON.stringify({ v: 2, kind: "principal", principalId: "nobody", because: "timer" }));
    await send(JSON.stringify({ v: 2, kind: "principal", principalId: newer.userId, because: "resync", tries: 0 }));

    expect(await world.closed(fine.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    const letters = await eventually(async () => {
      const parked = (await loadDeadLetters(sealed.state)).parked.map(({ letter }) => letter);
      expect(parked).toHaveLength(4);
      return parked;
    });
    expect(letters.map(({ principalId, code }) => `${principalId ?? "no signal"}: ${code}`).toSorted()).toEqual(
      [...Array(3).fill("no signal: SIGNAL_UNREADABLE"), `${newer.userId}: STORAGE_ROW_UNREADABLE`].toSorted(),
    );
    expect(JSON.stringify(letters)).not.toMatch(/no JSON|nobody|somethingNew/);
    const health = await readHealth(host);
    expect(health).toMatchObject({ status: 503, healthy: false, storage: "ok" });
    expect(health.deadLetters).toBeGreaterThanOrEqual(letters.length);
    const history = await world.calmHistory();
    expect(history.some((event) => isRemoved(event, newer.scheduleId, "directory", "last"))).toBe(true);
    expect(revokesOf(history, newer.userId)).toEqual([]);
    expect(revokesOf(history, fine.userId)).toHaveLength(1);
    await expect(world.stored(newer.userId)).rejects.toThrow("head");
  });

  it("answers of Graph that are not what was promised are no absence", async ({ expect }) => {
    await using world = await openWorld("rubbish");
    const { control } = world;
    await using proxy = await startSpoilingProxy(world.tenant.url);
    const host = await world.startHost({}, proxy);
    const fine = await activate(control, { seconds });
    const empty = (id: string) => ({ id, status: 200, body: { value: [] } });
    const rubbish = [
      "<!doctype html><title>Sign in</title>",
      JSON.stringify({ responses: "rubbish" }),
      JSON.stringify({ responses: [] }),
      JSON.stringify({ responses: [empty("1"), empty("2")] }),
      JSON.stringify({ responses: [empty("1"), { id: "2", status: 200, body: { value: [{}] } }, empty("3")] }),
    ];
    const recorded = await Promise.all(
      rubbish.map(async (body) => ({ body, ...(await activate(control, { seconds })) })),
    );
    await Promise.all([fine, ...recorded].map(({ userId }) => world.awaitHoldings(userId)));
    for (const { userId, body } of recorded) proxy.spoil(userId, body);

    expect(await world.closed(fine.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    for (const { scheduleId } of recorded) await world.seen((event) => isRemoved(event, scheduleId, "list", "last"));
    const during = await world.calmHistory();
    for (const { userId } of recorded) expect(revokesOf(during, userId)).toEqual([]);
    const alarms = await alarmsOf(host);
    // What is no JSON may have been cut off on its way: it is read again, and needs nobody.
    for (const { userId, body } of recorded) {
      const alarm = expect.objectContaining({ event: "readRefused", principalId: userId });
      if (body.startsWith("{")) expect(alarms).toContainEqual(alarm);
      else expect(alarms).not.toContainEqual(alarm);
    }

    proxy.heal();
    for (const { userId } of recorded) {
      expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    }
    const after = await world.calmHistory();
    for (const { userId } of recorded) expect(revokesOf(after, userId)).toHaveLength(1);
  });
});
