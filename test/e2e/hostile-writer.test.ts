import { setTimeout as sleep } from "node:timers/promises";
import { TableClient } from "@azure/data-tables";
import { describe, it } from "vitest";
import { signalsQueue, tableNames } from "../../shared/storage/queue.ts";
import { freshFor } from "../../shared/storage/seal.ts";
import { alarmsOf } from "./support/alarms.ts";
import { revokesOf } from "./support/history.ts";
import { hostileWriter } from "./support/hostile-writer.ts";
import { activate } from "./support/roles.ts";
import { eventually, openWorld } from "./support/world.ts";

describe.concurrent("whoever can write to the storage account", () => {
  it("makes the app cut nobody: by forged, edited, moved and replayed rows, and by forged messages", async ({
    expect,
  }) => {
    await using world = await openWorld("hostilewriter");
    const { control, storage } = world;
    const host = await world.startHost();
    const attacker = hostileWriter(storage.table(tableNames.principals));
    const [left, keeper, victim, bystander] = await Promise.all([
      activate(control),
      activate(control, { seconds: 3600 }),
      activate(control, { seconds: 3600 }),
      activate(control, { seconds: 110 }),
    ]);
    for (const { userId } of [left, keeper, victim, bystander]) await world.awaitHoldings(userId);
    const before = await attacker.rowsOf(left.userId);
    const storedAt = Date.now();
    expect(await world.closed(left.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    const ended = await attacker.rowsOf(left.userId);
    const revocation = ended.find(({ row }) => row.startsWith("revocation|"));
    if (typeof revocation?.content !== "object") throw new Error("The end has a pending revocation.");

    // Forged and edited: an end that never was, and the end of what is still held.
    const seal = `${Date.now()}.${"A".repeat(43)}`;
    const progress = { state: "pending", notBefore: null, heldBy: null };
    for (const { userId } of [keeper, victim]) {
      await attacker.put(userId, revocation.row, { ...revocation.content, progress, roleDefinitionId: "gone" });
      await attacker.put(userId, "revocation|forged", { ...revocation.content, key: "forged", progress, seal });
      for (const { row, content } of await attacker.rowsOf(userId)) {
        if (!row.startsWith("holding|")) continue;
        const past = new Date(Date.now() - 5000).toISOString();
        const edited = { ...Object(content).sources[0], scheduleId: "gone", end: past, listedEnd: past };
        await attacker.put(userId, row, { ...Object(content), sources: [edited] });
      }
    }
    // Moved: what another person's row says.
    await attacker.restore(ended, victim.userId);
    // Messages: a pass costs reads and no more, and what a message reports counts only if the app itself has sent it.
    const queue = storage.queue(signalsQueue);
    for (const { userId } of [keeper, victim]) {
      const hint = { v: 2, kind: "principal", principalId: userId, tries: 0 };
      await queue.send({ ...hint, because: "notification", confirms: userId, seal }, 0);
      await queue.send({ ...hint, because: "timer" }, 0);
    }
    // Replayed: the partition as it was before the end, and only its holding.
    await sleep(Math.max(0, storedAt + freshFor + 10_000 - Date.now()));
    await attacker.restore(before, left.userId);
    await queue.send({ v: 2, kind: "principal", principalId: left.userId, because: "timer", tries: 0 }, 0);

    const forged = await eventually(async () => {
      const alarms = (await alarmsOf(host)).filter(({ event }) => event === "rowForged");
      const partitions = new Set(alarms.map(({ partition }) => partition));
      expect(partitions).toEqual(new Set([left, keeper, victim].map(({ userId }) => userId)));
      return alarms;
    });
    expect(forged.filter(({ partition }) => partition === left.userId)[0]).toMatchObject({ seal: "replayed" });
    expect(await world.closed(bystander.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    for (const { userId } of [keeper, victim]) await world.awaitHoldings(userId);
    const history = await world.calmHistory();
    expect(revokesOf(history, left.userId)).toHaveLength(1);
    expect(revokesOf(history, bystander.userId)).toHaveLength(1);
    expect(revokesOf(history, keeper.userId)).toEqual([]);
    expect(revokesOf(history, victim.userId)).toEqual([]);
  });

  it("can lose all of it: a new start cuts nobody for what was forgotten, and finds the next end", async ({
    expect,
  }) => {
    await using world = await openWorld("storagelost");
    const { control, storage } = world;
    const before = await world.startHost();
    const [forgotten, stays] = await Promise.all([
      activate(control, { seconds: 40 }),
      activate(control, { seconds: 75 }),
    ]);
    for (const { userId } of [forgotten, stays]) await world.awaitHoldings(userId);
    await before.stop();
    for (const table of Object.values(tableNames)) await hostileWriter(storage.table(table)).wipe();
    await world.seen(
      (event) => event.event === "roleRemoved" && event.scheduleId === forgotten.scheduleId && event.shown === "last",
    );

    await world.startHost();
    expect(await world.closed(stays.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    const history = await world.calmHistory();
    expect(revokesOf(history, stays.userId)).toHaveLength(1);
    expect(revokesOf(history, forgotten.userId)).toEqual([]);
    expect((await world.stored(forgotten.userId)).revocations.size).toBe(0);
  });

  it("can delete the tables themselves while the app runs: they are made anew, it is raised, and the end is cut", async ({
    expect,
  }) => {
    await using world = await openWorld("tablesgone");
    const { control } = world;
    const host = await world.startHost();
    const watched = await activate(control, { seconds: 40 });
    await world.awaitHoldings(watched.userId);
    // One more resync, so that the process has seen these rows.
    await sleep(12_000);
    for (const name of Object.values(tableNames)) {
      const options = { allowInsecureConnection: true };
      await TableClient.fromConnectionString(world.connectionString, name, options).deleteTable();
    }
    await eventually(async () => {
      const raised = (await alarmsOf(host)).filter(({ event }) => event === "rowsVanished");
      expect(raised.map(({ partition }) => partition)).toContain("heads");
    });
    expect(await world.closed(watched.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    expect(revokesOf(await world.calmHistory(), watched.userId)).toHaveLength(1);
  });
});
