import { readFile } from "node:fs/promises";
import { describe, it } from "vitest";
import * as rows from "../../shared/model/load-and-commit.ts";
import { toMessage } from "../../shared/reconcile/messages.ts";
import { signalsQueue } from "../../shared/storage/queue.ts";
import type { Row } from "../../shared/storage/table.ts";
import { jane } from "../fixtures/fake-world.ts";
import { readFrozen, works } from "../fixtures/frozen/frozen.ts";
import { admins, member } from "../fixtures/group-world.ts";
import { alarmsOf } from "./support/alarms.ts";
import { readHealth } from "./support/health.ts";
import { goneAt, isRemoved, revokeRequests, revokesOf } from "./support/history.ts";
import { plantFrozen } from "./support/plant-frozen.ts";
import { purgeQueues } from "./support/purge-queues.ts";
import { activate } from "./support/roles.ts";
import { eventually, openWorld, type World } from "./support/world.ts";

/** The fields that the oldest version wrote into a row of this kind, less those of today that it did not know. */
async function oldest({ row, content }: Row): Promise<object> {
  const left = await Promise.all(works.map((work) => readFrozen("first-holdings", work)));
  const [kind] = row.split("|");
  const written = left.flatMap(({ principals }) => principals).filter((found) => found.row.split("|")[0] === kind);
  if (written.length === 0) throw new Error(`What is the oldest form of ${row}?`);
  const known = new Set(written.flatMap(({ content }) => Object.keys(content)));
  return Object.fromEntries(Object.entries(Object(content)).filter(([name]) => known.has(name)));
}

const rowsOf = async ({ sealed }: World, userId: string) => (await sealed.principals.list(userId)).value;

describe.concurrent("another version", () => {
  it("finds pending revocations, holdings and messages in the form of the oldest, and carries on: nothing is lost, nobody is cut by mistake", async ({
    expect,
  }) => {
    await using world = await openWorld("upgraded");
    const { control, sealed, storage } = world;
    const before = await world.startHost({ CUTOFF_STOP: "true" });
    const [waiting, running, keeper] = await Promise.all([
      activate(control),
      activate(control, { seconds: 60 }),
      activate(control, { seconds: 3600 }),
    ]);
    for (const { userId } of [waiting, running, keeper]) await world.awaitHoldings(userId);
    await eventually(async () => {
      const [revocation] = (await world.stored(waiting.userId)).revocations.values();
      expect(revocation?.progress).toMatchObject({ state: "pending", heldBy: "stopped" });
    });
    await before.stop();
    await purgeQueues(world.connectionString);

    for (const { userId } of [waiting, running, keeper]) {
      for (const row of await rowsOf(world, userId)) {
        const content = await oldest(row);
        await sealed.principals.commit(userId, [{ type: "replace", row: row.row, content, etag: row.etag }]);
      }
    }
    for (const { userId } of [waiting, running, keeper]) {
      await storage.queue(signalsQueue).send(toMessage({ principalId: userId, because: "timer", tries: 0 }), 0);
    }

    const host = await world.startHost();
    for (const { userId } of [waiting, running]) {
      expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    }
    const history = await world.calmHistory();
    for (const { userId, scheduleId } of [waiting, running]) {
      expect(revokesOf(history, userId)).toHaveLength(1);
      expect(revokesOf(history, userId)[0]).toBeGreaterThanOrEqual(goneAt(history, scheduleId));
    }
    expect(revokeRequests(history)).toHaveLength(2);
    expect((await world.stored(keeper.userId)).holdings.size).toBe(1);
    expect((await alarmsOf(host)).map(({ event }) => event)).toEqual(["revokingBegan", "enforcementChanged"]);
    expect(await readHealth(host)).toMatchObject({ problems: [], deadLetters: 0 });
  });

  it("left a call whose result nobody knows, and a group's fan-out that is half-way: each user is cut once", async ({
    expect,
  }) => {
    await using world = await openWorld("inflight");
    const { control } = world;
    const { id: called } = await control.createUser({ name: "Somebody" });
    const { id: groupId } = await control.createGroup({ name: "Operators", isAssignableToRole: true });
    const users = await Promise.all(Array.from({ length: 5 }, () => control.createUser({ name: "Omar" })));
    for (const { id } of users) await control.addMember(groupId, id);
    // The order of their ids is that in which they are enqueued; the first two have been.
    const inOrder = users.map(({ id }) => id).toSorted();
    const ids = new Map([[admins, groupId]]);
    for (const [n, place] of [8, 9, 100, 101, 102].entries()) ids.set(member(place), inOrder[n] ?? "");
    await plantFrozen(world, await readFrozen("first-holdings", "open-attempt"), new Map([[jane, called]]));
    await plantFrozen(world, await readFrozen("first-holdings", "fanout-half-way"), ids);
    expect((await world.stored(groupId)).fanouts.size).toBe(1);
    expect((await world.stored(called)).attempt).toMatchObject({ state: "open" });

    await world.startHost();
    const all = [called, ...inOrder];
    for (const id of all) expect(await world.closed(id)).toMatchObject([{ outcome: "revoked", verified: true }]);
    const history = await world.calmHistory();
    expect(all.map((id) => revokesOf(history, id).length)).toEqual(all.map(() => 1));
    expect(revokeRequests(history)).toHaveLength(all.length);
    expect((await world.stored(groupId)).fanouts.size).toBe(0);
  });

  it("that is newer was here before a roll-back: what it wrote is named and left alone, and goes on after rolling forward", async ({
    expect,
  }) => {
    await using world = await openWorld("downgraded");
    const { control, sealed, storage } = world;
    const newer = await world.startHost();
    const [head, holding, other] = await Promise.all([1, 2, 3].map(() => activate(control, { seconds: 40 })));
    if (head === undefined || holding === undefined || other === undefined) throw new Error("There are three.");
    for (const { userId } of [head, holding, other]) await world.awaitHoldings(userId);
    await newer.stop();
    const written = new Map<string, readonly Row[]>();
    for (const [{ userId }, prefix] of [[head, rows.headRow] as const, [holding, rows.holdingPrefix] as const]) {
      const all = await rowsOf(world, userId);
      written.set(userId, all);
      for (const { row, etag, content } of all.filter(({ row }) => row.startsWith(prefix))) {
        const form = { ...Object(content), schema: 2, somethingNew: true };
        await sealed.principals.commit(userId, [{ type: "replace", row, content: form, etag }]);
      }
    }
    const message = { v: 3, kind: "principal", principalId: head.userId, because: "aNewReason", tries: 0 };
    await storage.queue(signalsQueue).send(message, 0);
    const left = await Promise.all([head, holding].map(({ userId }) => rowsOf(world, userId)));

    const older = await world.startHost();
    expect(await world.closed(other.userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    for (const { scheduleId } of [head, holding]) {
      await world.seen((event) => isRemoved(event, scheduleId, "directory", "last"));
    }
    await eventually(async () => {
      expect(await alarmsOf(older)).toContainEqual(
        expect.objectContaining({ event: "rowUnreadable", principalId: head.userId }),
      );
      const log = await readFile(older.log, "utf8");
      expect(log).toMatch(new RegExp(`STORAGE_ROW_UNREADABLE: Row holding\\|.* of partition ${holding.userId}`));
      expect(log).toContain("SIGNAL_UNREADABLE: A message of the principals queue is not of this version");
    });
    expect(revokeRequests(await world.calmHistory())).toHaveLength(1);
    expect(await Promise.all([head, holding].map(({ userId }) => rowsOf(world, userId)))).toEqual(left);
    await older.stop();

    // The newer version reads what it wrote.
    for (const [userId, all] of written) {
      for (const { row, content } of all) {
        await sealed.principals.commit(userId, [{ type: "upsert", row, content }]);
      }
    }
    await world.startHost();
    for (const { userId } of [head, holding]) {
      expect(await world.closed(userId)).toMatchObject([{ outcome: "revoked", verified: true }]);
    }
    const history = await world.calmHistory();
    expect([head, holding, other].map(({ userId }) => revokesOf(history, userId).length)).toEqual([1, 1, 1]);
  });
});
