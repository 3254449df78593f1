import { describe, expect, test } from "vitest";
import { loadDeadLetters, parkDeadLetter } from "../../../shared/operators/pending.ts";
import { parseMessage, SignalError } from "../../../shared/reconcile/messages.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { resync } from "../../../shared/reconcile/resync.ts";
import { type Operation, StorageRowError } from "../../../shared/storage/table.ts";
import { activation, createFakeWorld, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aHolding, anAttempt, anEnded, aRevocation, at } from "../../fixtures/principal-builders.ts";

const omar = "0a1b2c3d-0000-4000-8000-000000000002";

/** Azure Functions docs, Azure Queue storage trigger: a message that failed so often goes to the poison queue. */
const mostTries = 5;

/** Takes messages off the queue as the host does, and parks those of the poison queue. */
async function work(world: FakeWorld, until: number): Promise<void> {
  const { dependencies, queue } = world;
  for (let next = queue.nextVisibleAt(); next !== undefined && next <= until; next = queue.nextVisibleAt()) {
    world.goTo(Math.max(next, world.clock.now()));
    for (const message of queue.receive(1, 600_000)) {
      let tries = 0;
      while (tries < mostTries && !(await isTaken(message.content, dependencies))) tries += 1;
      if (tries === mostTries) await parkDeadLetter(message.content, "a-message", dependencies);
      queue.delete(message);
    }
  }
  world.goTo(Math.max(until, world.clock.now()));
}

async function isTaken(content: unknown, dependencies: FakeWorld["dependencies"]): Promise<boolean> {
  try {
    const parsed = parseMessage(content);
    if (parsed.kind === "principal") await reconcile(parsed.signal, dependencies);
    return true;
  } catch (error) {
    if (error instanceof SignalError || error instanceof StorageRowError) return false;
    throw error;
  }
}

/** Resyncs and works on, until so many seconds after the start. */
async function runUntil(world: FakeWorld, seconds: number): Promise<void> {
  while (world.clock.now() < at(seconds)) {
    await resync({ ...world.dependencies, resyncEvery: 10_000 });
    await work(world, world.clock.now() + 10_000);
  }
}

/** Jane and Omar hold a role that ends 60.5 seconds after the start and is removed a second later. */
async function createTwo(): Promise<FakeWorld> {
  const world = createFakeWorld();
  world.show(activation(), activation({ principalId: omar, roleAssignmentScheduleId: "omars" }));
  world.when(at(61.4), () => world.show());
  await runUntil(world, 10);
  return world;
}

const letters = async ({ state }: FakeWorld) => (await loadDeadLetters(state)).parked.map(({ letter }) => letter);
const alarms = (world: FakeWorld, name: string) =>
  world.recorded.filter((one) => one.name === name).map(({ properties }) => properties);

describe("a stored row that this version does not know", () => {
  test.each([
    { of: "a newer version", row: "head", content: { schema: 2 } },
    { of: "a newer version", row: "holding|x", content: { ...aHolding(), schema: 2 } },
    { of: "a newer version", row: "ended|x", content: { ...anEnded(), schema: 2 } },
    { of: "a newer version", row: "revocation|x", content: { ...aRevocation(), schema: 2 } },
    { of: "a newer version", row: "attempt", content: { ...anAttempt(), schema: 2 } },
    { of: "a newer kind", row: "sighting|x", content: { schema: 1 } },
    { of: "a kind of 0.1", row: "watch|x", content: { schema: 1, key: "x", end: null } },
    { of: "a kind of 0.1", row: "tombstone|x", content: { schema: 1, key: "x", endedAt: 0 } },
    { of: "no version", row: "holding|x", content: "at all" },
  ])("is set aside with an alarm, and everybody else is served: $row of $of", async ({ row, content }) => {
    const world = await createTwo();
    const before = (await world.principals.get(jane, row)).value?.content;
    await world.principals.commit(jane, [{ type: "upsert", row, content }]);
    await runUntil(world, 120);

    expect(world.shown.revoked).toEqual([omar]);
    expect(alarms(world, "outcome")).toMatchObject([{ principalId: omar, outcome: "revoked" }]);
    const found = [...alarms(world, "deadLetter"), ...alarms(world, "rowUnreadable")];
    expect(found.length).toBeGreaterThan(0);
    for (const alarm of found) expect(alarm).toMatchObject({ principalId: jane, code: "STORAGE_ROW_UNREADABLE" });
    expect(await letters(world)).toMatchObject([
      { principalId: jane, code: "STORAGE_ROW_UNREADABLE", reason: expect.stringContaining(`Row ${row}`) },
    ]);
    expect((await world.principals.get(jane, row)).value?.content).toEqual(content);

    // Nothing was lost meanwhile: once the row is mended, what it held up follows.
    const { etag = "" } = (await world.principals.get(jane, row)).value ?? {};
    const mended: Operation =
      before === undefined ? { type: "delete", row, etag } : { type: "replace", row, etag, content: before };
    await world.principals.commit(jane, [mended]);
    await runUntil(world, 180);
    expect(world.shown.revoked).toEqual([omar, jane]);
  });

  test("in a head is raised by the resync with its place, though no message asks for that principal", async () => {
    const world = await createTwo();
    await world.principals.commit(jane, [{ type: "upsert", row: "head", content: { schema: 2 } }]);
    world.queue.purge();
    await runUntil(world, 120);
    expect(alarms(world, "rowUnreadable")[0]).toMatchObject({ principalId: jane, row: "head" });
    expect(world.shown.revoked).toEqual([omar]);
  });
});

describe("a message that this version does not know", () => {
  const ofOmar = { principalId: omar, because: "timer", tries: 0 };
  test.each([
    { of: "0.1", message: { v: 1, ...ofOmar }, place: "kind" },
    {
      of: "0.1 that reported an end",
      message: { v: 1, ...ofOmar, tells: { kind: "group", groupId: omar } },
      place: "kind",
    },
    { of: "0.1 for the whole app", message: { v: 1, job: "resync" }, place: "kind" },
    { of: "0.1 about a mass expiry", message: { v: 1, second: at(61) }, place: "kind" },
    { of: "a newer version", message: { v: 3, kind: "principal", ...ofOmar }, place: "v" },
    { of: "nobody", message: "at all", place: "message" },
  ])("is set aside with an alarm, and everybody is served: of $of", async ({ message, place }) => {
    const world = await createTwo();
    await world.queue.send(message, 0);
    await runUntil(world, 120);

    expect(alarms(world, "deadLetter")).toEqual([
      { messageId: "a-message", principalId: null, code: "SIGNAL_UNREADABLE" },
    ]);
    expect(await letters(world)).toMatchObject([{ reason: expect.stringContaining(`see ${place} (`) }]);
    expect(world.shown.revoked.toSorted()).toEqual([jane, omar]);
    expect(world.outcomes()).toEqual(["revoked", "revoked"]);
  });
});
