import { expect, test } from "vitest";
import { createWakeUps } from "../../../shared/notify/send.ts";

test("one message is enough for all that is there before it comes", async () => {
  let now = 0;
  const sent: string[] = [];
  const { once } = createWakeUps({ monotonic: () => now });
  const ask = (what: string) => once(what, 2000, async () => void sent.push(`${what} at ${now}`));
  for (const [time, what] of [
    [0, "a"],
    [0, "b"],
    [1400, "a"],
    // Too near to its coming to be certain.
    [1600, "a"],
    [2000, "a"],
    [4000, "a"],
  ] as const) {
    now = time;
    await ask(what);
  }
  expect(sent).toEqual(["a at 0", "b at 0", "a at 1600", "a at 4000"]);
});

test("a message that could not be sent is none", async () => {
  const { once } = createWakeUps({ monotonic: () => 0 });
  await expect(once("a", 2000, () => Promise.reject(new Error("Storage.")))).rejects.toThrow("Storage.");
  const sent: string[] = [];
  await once("a", 2000, async () => void sent.push("a"));
  expect(sent).toEqual(["a"]);
});
