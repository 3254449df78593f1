import { expect, test, vi } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { createThresholdLedger, type LedgerOptions, readRaised } from "../../../shared/enforcement/threshold.ts";
import {
  StorageConflictError,
  StorageRowError,
  StorageUnavailableError,
  type Table,
} from "../../../shared/storage/table.ts";
import { silentTelemetry } from "../../../shared/telemetry/telemetry.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";

const begin = Date.UTC(2026, 0, 5, 9, 0, 0);

function setUp(unplanned = 3) {
  let now = begin;
  const memory = createMemoryTable({ now: () => now });
  const state = { ...memory, commit: vi.fn(memory.commit), get: vi.fn(memory.get) } satisfies Table;
  const [alarm, measure] = [vi.fn(), vi.fn()];
  const options: LedgerOptions = {
    state,
    // An instance's own clock has nothing to do with storage's.
    clock: { monotonic: () => now - begin + 77 },
    limits: { planned: null, unplanned },
    watchedUsers: async () => 0,
    timings: { ...defaultTimings, thresholdSpan: 600_000 },
    telemetry: { ...silentTelemetry, alarm, measure },
  };
  return {
    state,
    alarm,
    measure,
    instance: () => createThresholdLedger("unplanned", options),
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `user-${from + index}`);
const admittedOf = async (ledger: ReturnType<typeof createThresholdLedger>, asking: readonly string[]) => {
  const answers = await Promise.all(asking.map((id) => ledger(id)));
  return asking.filter((_, index) => answers[index]);
};

test("users who ask one after the other are counted", async () => {
  const ledger = setUp().instance();
  for (const id of ids(3)) expect(await ledger(id)).toBe(true);
  expect(await ledger("user-3")).toBe(false);
  expect(await ledger("user-0")).toBe(true);
});

test("a thousand users who ask at the same time cost a read and a write, and are counted exactly", async () => {
  const { instance, state } = setUp();
  expect(await admittedOf(instance(), ids(1000))).toEqual(ids(3));
  expect(state.get).toHaveBeenCalledTimes(1);
  expect(state.commit).toHaveBeenCalledTimes(1);
});

test("a thousand one after the other cost a write each and no further read", async () => {
  const { instance, state } = setUp(1000);
  const ledger = instance();
  for (const id of ids(1000)) expect(await ledger(id)).toBe(true);
  expect(await ledger("one-more")).toBe(false);
  expect(state.get).toHaveBeenCalledTimes(1);
  expect(state.commit).toHaveBeenCalledTimes(1001);
});

test("ten instances at once admit the limit between them and not one more", async () => {
  const { instance, alarm } = setUp(25);
  const each = await Promise.all(ids(10).map((_, index) => admittedOf(instance(), ids(30, index * 30))));
  expect(each.flat()).toHaveLength(25);
  expect(alarm).toHaveBeenCalledTimes(1);
});

test("the answer survives the instance", async () => {
  const { instance, pass } = setUp();
  await admittedOf(instance(), ids(3));
  expect(await instance()("user-3")).toBe(false);
  expect(await instance()("user-1")).toBe(true);
  pass(600_000);
  expect(await instance()("user-3")).toBe(true);
});

test("time is storage's, carried on by this instance's monotonic clock", async () => {
  const { instance, pass } = setUp();
  const ledger = instance();
  await admittedOf(ledger, ids(3));
  pass(599_000);
  expect(await ledger("user-3")).toBe(false);
  pass(1_000);
  expect(await ledger("user-4")).toBe(true);
});

test("what was asked for while a write is under way shares the next one", async () => {
  const { instance, state } = setUp();
  const ledger = instance();
  const first = ledger("user-0");
  await vi.waitFor(() => expect(state.get).toHaveBeenCalledTimes(1));
  const rest = admittedOf(ledger, ids(5, 1));
  expect(await first).toBe(true);
  expect(await rest).toEqual(ids(2, 1));
  expect(state.commit).toHaveBeenCalledTimes(2);
});

test("when storage does not answer every caller gets the error, no user is admitted, and the next one reads anew", async () => {
  const { instance, state } = setUp();
  const ledger = instance();
  await ledger("user-0");
  state.commit.mockRejectedValueOnce(new StorageUnavailableError("no answer"));
  const failed = await Promise.allSettled([ledger("user-1"), ledger("user-2")]);
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await ledger("user-1")).toBe(true);
  expect(state.get).toHaveBeenCalledTimes(2);
});

test("a write that was applied without an answer is not counted twice", async () => {
  const { instance, state } = setUp(1);
  const ledger = instance();
  const apply = state.commit.getMockImplementation();
  state.commit.mockImplementationOnce(async (...args) => {
    await apply?.(...args);
    throw new StorageUnavailableError("no answer");
  });
  await expect(ledger("user-0")).rejects.toThrow(StorageUnavailableError);
  expect(await ledger("user-0")).toBe(true);
  expect(await ledger("user-1")).toBe(false);
});

test("endless conflicts end as one", async () => {
  const { instance, state } = setUp();
  state.commit.mockRejectedValue(new StorageConflictError("always another instance"));
  await expect(instance()("user-0")).rejects.toThrow(StorageConflictError);
  expect(state.commit).toHaveBeenCalledTimes(20);
});

test("a row of another version admits nobody", async () => {
  const { instance, state } = setUp();
  await state.commit("threshold", [{ type: "insert", row: "unplanned", content: { schema: 2 } }]);
  await expect(instance()("user-0")).rejects.toThrow(StorageRowError);
});

test("the count is measured with every admission", async () => {
  const { instance, measure } = setUp();
  const ledger = instance();
  for (const id of ["a", "b"]) await ledger(id);
  const limit = "unplanned";
  expect(measure.mock.calls).toEqual([
    ["thresholdUsers", 1, { limit }],
    ["thresholdAllowed", 3, { limit }],
    ["thresholdUsers", 2, { limit }],
    ["thresholdAllowed", 3, { limit }],
  ]);
});

test("reaching the limit is raised once and stored", async () => {
  const { instance, alarm, state } = setUp();
  expect(await readRaised(state)).toEqual({ planned: null, unplanned: null });
  const ledger = instance();
  await admittedOf(ledger, ids(5));
  await ledger("user-9");
  const reached = { limit: "unplanned", users: 5, allowed: 3, principalId: null };
  expect(alarm.mock.calls).toEqual([["thresholdReached", reached]]);
  expect(await readRaised(state)).toEqual({ planned: null, unplanned: begin });
});
