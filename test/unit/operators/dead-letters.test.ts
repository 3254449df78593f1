import { describe, expect, test } from "vitest";
import { parkNotice } from "../../../shared/notify/undelivered.ts";
import { readHealth } from "../../../shared/operators/health.ts";
import { operate } from "../../../shared/operators/orders.ts";
import { loadDeadLetters, parkDeadLetter, removeDeadLetter } from "../../../shared/operators/pending.ts";
import { massExpiryMessage, toMessage } from "../../../shared/reconcile/messages.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { createFakeWorld, jane, start } from "../../fixtures/fake-world.ts";
import { createMemoryQueue } from "../../fixtures/memory-storage.ts";
import { anOperator } from "../../fixtures/operators.ts";

type World = ReturnType<typeof createFakeWorld>;
const signal = toMessage({ principalId: jane, because: "timer", tries: 0 });
const park = (world: World, message: unknown, messageId: string) =>
  parkDeadLetter(message, messageId, world.dependencies);
const letters = async ({ state }: World) => (await loadDeadLetters(state)).parked.map(({ letter }) => letter);
const redrive = (world: World, messageId?: string) =>
  operate({ action: "redrive", reason: "mended", ...(messageId && { messageId }) }, anOperator, world.dependencies);

describe("parking", () => {
  test("a message that is no signal is kept with the place of what is wrong, never with its content", async () => {
    const world = createFakeWorld();
    await park(world, { v: 2, kind: "principal", principalId: "jane@contoso.com" }, "m/1");
    expect(await letters(world)).toMatchObject([
      { messageId: "m/1", principalId: null, code: "SIGNAL_UNREADABLE", parkedAt: start },
    ]);
    expect(JSON.stringify([await letters(world), world.recorded])).not.toContain("contoso");
    expect(world.recorded).toMatchObject([{ name: "deadLetter", properties: { messageId: "m/1", principalId: null } }]);
  });

  test("a row that this version cannot read is named with its principal", async () => {
    const world = createFakeWorld();
    await world.principals.commit(jane, [{ type: "insert", row: "head", content: { schema: 2 } }]);
    await park(world, signal, "m-1");
    expect(await letters(world)).toMatchObject([
      { principalId: jane, code: "STORAGE_ROW_UNREADABLE", reason: expect.stringContaining("Row head") },
    ]);
  });

  test.each([
    ["a signal", signal, jane],
    ["a mass expiry", massExpiryMessage(start), null],
  ])("%s that is readable now is said to be so", async (_, message, principalId) => {
    const world = createFakeWorld();
    await park(world, message, "m-1");
    expect(await letters(world)).toMatchObject([{ principalId, code: "UNKNOWN" }]);
  });

  test("the same message twice is one dead letter", async () => {
    const world = createFakeWorld();
    for (const _ of [1, 2]) await park(world, signal, "m-1");
    expect(await letters(world)).toHaveLength(1);
  });

  test("storage that does not answer is no reason: the host tries again", async () => {
    const world = createFakeWorld();
    world.dependencies.principals.list = async () => {
      throw new StorageUnavailableError("no answer");
    };
    await expect(park(world, signal, "m-1")).rejects.toThrow(StorageUnavailableError);
    expect(await letters(world)).toEqual([]);
  });
});

/** A signal for another principal than Jane. */
const someOther = (index: number) =>
  toMessage({ principalId: `${jane.slice(0, -1)}${index + 2}`, because: "resync", tries: 0 });

test("there is one per principal, the newest: every resync may lead to another", async () => {
  const world = createFakeWorld();
  await park(world, signal, "m-1");
  await park(world, signal, "m-2");
  expect((await letters(world)).map(({ messageId }) => messageId)).toEqual(["m-2"]);
});

test("the newest come first", async () => {
  const world = createFakeWorld();
  for (const [index, messageId] of ["b", "c", "a"].entries()) {
    world.goTo(start + index * 1000);
    await park(world, someOther(index), messageId);
  }
  expect((await letters(world)).map(({ messageId }) => messageId)).toEqual(["a", "c", "b"]);
});

test("one that was parked anew since it was loaded is not removed", async () => {
  const world = createFakeWorld();
  await park(world, signal, "m-1");
  const [loaded] = (await loadDeadLetters(world.state)).parked;
  if (loaded === undefined) throw new Error("nothing was parked");
  await park(world, signal, "m-1");
  await removeDeadLetter(world.state, loaded);
  expect(await letters(world)).toHaveLength(1);
});

describe("redriving", () => {
  test("all: a signal each, and nothing stays parked", async () => {
    const world = createFakeWorld();
    await park(world, signal, "m-1");
    await park(world, "rubbish", "m-2");
    const operated = await redrive(world);
    expect(operated).toMatchObject({ principals: 1, note: expect.stringContaining("name no principal: 1.") });
    expect(world.queue.peekAll().map(({ content }) => content)).toEqual([
      { v: 2, kind: "principal", principalId: jane, because: "operator", tries: 0 },
    ]);
    expect(await letters(world)).toEqual([]);
  });

  test("one: the others stay", async () => {
    const world = createFakeWorld();
    await park(world, signal, "m-1");
    await park(world, someOther(2), "m-2");
    expect(await redrive(world, "m-2")).toMatchObject({ principals: 1, note: null });
    expect((await letters(world)).map(({ messageId }) => messageId)).toEqual(["m-1"]);
    expect(await redrive(world, "m-2")).toMatchObject({ principals: 0 });
  });

  test("what cannot be sent stays parked", async () => {
    const world = createFakeWorld();
    await park(world, signal, "m-1");
    world.dependencies.signals.send = async () => {
      throw new StorageUnavailableError("no answer");
    };
    await expect(redrive(world)).rejects.toThrow(StorageUnavailableError);
    expect(await letters(world)).toHaveLength(1);
  });

  test("what another version parked, a message and an outcome for the webhook: it is kept and reported, and the others are sent", async () => {
    const world = createFakeWorld();
    const notices = createMemoryQueue({ now: world.clock.now });
    const { state, dependencies } = world;
    await park(world, signal, "m-1");
    await parkNotice({ principalId: jane, key: "a-key", tries: 3 }, "HTTP_500", dependencies);
    const newer = { schema: 2, somethingNew: true };
    // Before and behind those that this version parked.
    for (const row of ["0-newer", "z-newer"]) {
      for (const partition of ["deadLetters", "undelivered"]) {
        await state.commit(partition, [{ type: "insert", row, content: newer }]);
      }
    }
    const healthOf = () => readHealth(state, dependencies.control, dependencies.policy, 10_000);
    const before = await healthOf();
    expect(before).toMatchObject({ storage: "ok", deadLetters: 1, undelivered: 1, unreadableParked: 4 });
    expect(before.problems).toContainEqual(expect.stringContaining("Another version parked 4 messages"));
    const order = { action: "redrive", reason: "mended" } as const;
    const operated = await operate(order, anOperator, { ...dependencies, notices });
    expect(operated).toMatchObject({ principals: 1, note: expect.stringContaining("another version parked them: 4.") });
    expect(world.queue.peekAll()).toHaveLength(1);
    expect(notices.peekAll()).toHaveLength(1);
    expect(await healthOf()).toMatchObject({ deadLetters: 0, undelivered: 0, unreadableParked: 4 });
    for (const partition of ["deadLetters", "undelivered"]) {
      expect((await state.list(partition)).value.map(({ content }) => content)).toEqual([newer, newer]);
    }
  });
});
