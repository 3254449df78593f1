import { expect, test } from "vitest";
import { deriveKeys } from "../../../shared/base/keys.ts";
import { createMessageSeal } from "../../../shared/storage/seal.ts";

const secret = "a secret of at least thirty-two characters";
const signal = { v: 1, principalId: "jane", confirms: "admins" };

function setUp(secrets = { current: secret, previous: null as string | null }, name = "signals") {
  const world = { now: 1_767_600_000_000 };
  const seal = createMessageSeal(name, deriveKeys(secrets, "message"), { now: () => world.now });
  const send = async (message: unknown, delay = 0): Promise<unknown> => {
    const sent: unknown[] = [];
    await seal.sealed({ send: async (text) => void sent.push(JSON.parse(JSON.stringify(text))) }).send(message, delay);
    return sent[0];
  };
  return { world, seal, send };
}

test("what we sent is ours, for an hour after it should have arrived", async () => {
  const { world, seal, send } = setUp();
  const message = await send(signal, 86_400_000);
  expect(message).toEqual({ ...signal, seal: expect.any(String) });
  world.now += 86_400_000;
  expect(seal.isOurs(message)).toBe(true);
  world.now += 3_599_999;
  expect(seal.isOurs(message)).toBe(true);
  world.now += 1;
  expect(seal.isOurs(message)).toBe(false);
});

test("nothing else is: changed, unsealed, of another queue or secret", async () => {
  const { seal, send } = setUp();
  const message = await send(signal);
  expect(seal.isOurs(Object.assign({}, message, { principalId: "omar" }))).toBe(false);
  for (const other of [signal, undefined, null, "text", { ...signal, seal: "" }, { ...signal, seal: 1 }]) {
    expect(seal.isOurs(other)).toBe(false);
  }
  expect(setUp(undefined, "heartbeats").seal.isOurs(message)).toBe(false);
  expect(setUp({ current: `other ${secret}`, previous: null }).seal.isOurs(message)).toBe(false);
  expect(setUp({ current: `other ${secret}`, previous: secret }).seal.isOurs(message)).toBe(true);
});

test("only objects can be sealed", async () => {
  await expect(setUp().send("text")).rejects.toThrow(TypeError);
});
