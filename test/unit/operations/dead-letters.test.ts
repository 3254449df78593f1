import { describe, expect, test } from "vitest";
import { rushMessage, toMessage } from "../../../shared/assignments/signal.ts";
import { loadDeadLetters, parkDeadLetter, removeDeadLetter } from "../../../shared/operations/dead-letters.ts";
import { operate } from "../../../shared/operations/operate.ts";
import { StorageUnavailableError } from "../../../shared/storage/storage-errors.ts";
import { createFakeWorld, jane, start } from "../../fixtures/fake-world.ts";
import { anOperator } from "../../fixtures/operators.ts";

type World = ReturnType<typeof createFakeWorld>;
const signal = toMessage({ principalId: jane, because: "timer", tries: 0 });
const park = (world: World, message: unknown, messageId: string) =>
  parkDeadLetter(message, messageId, world.dependencies);
const letters = async ({ state }: World) => (await loadDeadLetters(state)).map(({ letter }) => letter);
const redrive = (world: World, messageId?: string) =>
  operate({ action: "redrive", reason: "mended", ...(messageId && { messageId }) }, anOperator, world.dependencies);

describe("parking", () => {
  test("a message that is no signal is kept with the place of what is wrong, never with its content", async () => {
    const world = createFakeWorld();
    await park(world, { v: 1, principalId: "jane@contoso.com" }, "m/1");
    expect(await letters(world)).toMatchObject([
      { messageId: "m/1", principalId: null, code: "SIGNAL_UNREADABLE", parkedAt: start },
    ]);
    expect(JSON.stringify([await letters(world), world.told])).not.toContain("contoso");
    expect(world.told).toMatchObject([{ name: "deadLetter", properties: { messageId: "m/1", principalId: null } }]);
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
    ["a rush", rushMessage(start), null],
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
  const [loaded] = await loadDeadLetters(world.state);
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
      { v: 1, principalId: jane, because: "operator", tries: 0 },
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
});
