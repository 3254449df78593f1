import { describe, expect, test } from "vitest";
import hostJson from "../../../host.json" with { type: "json" };
import { parseTimeSpan } from "../../../local/host/time-span.ts";
import { awaitStorage } from "../../../shared/storage/connect.ts";
import { StorageRefusedError, StorageUnavailableError } from "../../../shared/storage/table.ts";

/** Work that fails with these errors, one a try, and then succeeds; and a clock that notes how long it slept. */
function world(...failures: readonly Error[]) {
  const slept: number[] = [];
  const left = [...failures];
  let tries = 0;
  const clock = { now: () => 0, monotonic: () => 0, sleep: async (ms: number) => void slept.push(ms) };
  const work = async () => {
    tries += 1;
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return "done";
  };
  return { slept, tries: () => tries, result: awaitStorage(work, { clock }) };
}

const noAnswer = new StorageUnavailableError("no answer");

describe("work that cannot wait for the next invocation", () => {
  test("is done once where storage answers", async () => {
    const { result, slept, tries } = world();
    expect(await result).toBe("done");
    expect([tries(), slept]).toEqual([1, []]);
  });

  test("is tried again, later and later, while storage does not answer", async () => {
    const { result, slept } = world(noAnswer, noAnswer, noAnswer);
    expect(await result).toBe("done");
    expect(slept).toEqual([1000, 2000, 4000]);
  });

  test("is given up after the sixth try, in time for the host", async () => {
    const { result, slept, tries } = world(...Array(6).fill(noAnswer));
    await expect(result).rejects.toBe(noAnswer);
    expect(tries()).toBe(6);
    const deadlines = 6 * 2 * 4500;
    expect(slept.reduce((sum, ms) => sum + ms, deadlines)).toBeLessThan(parseTimeSpan(hostJson.functionTimeout) ?? 0);
  });

  test("is not tried again when an operator has to act", async () => {
    const refused = new StorageRefusedError("403");
    const { result, tries } = world(noAnswer, refused);
    await expect(result).rejects.toBe(refused);
    expect(tries()).toBe(2);
  });
});
