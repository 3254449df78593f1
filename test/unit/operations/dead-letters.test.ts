import { expect, test } from "vitest";
import { toMessage } from "../../../shared/assignments/signal.ts";
import { listDeadLetters, parkDeadLetter } from "../../../shared/operations/dead-letters.ts";
import { StorageUnavailableError } from "../../../shared/storage/storage-errors.ts";
import { createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { at } from "../../fixtures/principal-builders.ts";

const signal = toMessage({ principalId: jane, because: "timer", tries: 0 });

test("what is no signal is parked with the place that is wrong, never its content", async () => {
  const world = createFakeWorld();
  await parkDeadLetter({ v: 1, principalId: "secret", because: "timer" }, "message-1", world.dependencies);
  const [letter] = await listDeadLetters(world.state);
  expect(letter).toMatchObject({
    messageId: "message-1",
    principalId: null,
    code: "SIGNAL_UNREADABLE",
    parkedAt: at(0),
  });
  expect(letter?.reason).toContain("principalId");
  expect(JSON.stringify([letter, world.told])).not.toContain("secret");
  expect(world.told).toMatchObject([{ name: "deadLetter", properties: { code: "SIGNAL_UNREADABLE" } }]);
});

test("a signal for a principal with a row of another version names the row", async () => {
  const world = createFakeWorld();
  await world.principals.commit(jane, [{ type: "insert", row: "head", content: { schema: 2 } }]);
  await parkDeadLetter(signal, "message-1", world.dependencies);
  const [letter] = await listDeadLetters(world.state);
  expect(letter).toMatchObject({ principalId: jane, code: "STORAGE_ROW_UNREADABLE" });
  expect(letter?.reason).toContain("Row head");
});

test("a signal that would work now says so", async () => {
  const world = createFakeWorld();
  await parkDeadLetter(signal, "message-1", world.dependencies);
  expect(await listDeadLetters(world.state)).toMatchObject([{ principalId: jane, code: "UNKNOWN" }]);
});

test("a message parked twice is one letter", async () => {
  const world = createFakeWorld();
  for (let times = 0; times < 2; times += 1) await parkDeadLetter(signal, "message-1", world.dependencies);
  expect(await listDeadLetters(world.state)).toHaveLength(1);
});

test("storage that does not answer parks nothing and is told: the message stays in the queue", async () => {
  const world = createFakeWorld();
  const away = { ...world.principals, list: () => Promise.reject(new StorageUnavailableError("away")) };
  const parking = parkDeadLetter(signal, "message-1", { ...world.dependencies, principals: away });
  await expect(parking).rejects.toThrow(StorageUnavailableError);
  expect(await listDeadLetters(world.state)).toEqual([]);
});
