import { describe, expect, test, vi } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { type Corroborates, createThreshold } from "../../../shared/enforcement/threshold.ts";
import type { PendingRevocation } from "../../../shared/model/pending-revocation.ts";
import type { ThresholdLimits } from "../../../shared/settings/settings.ts";
import { createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { userId } from "../../fixtures/many-users.ts";
import { aRevocation, aState, at } from "../../fixtures/principal-builders.ts";

const planned = (key: string, over: Partial<PendingRevocation> = {}) => aRevocation({ key, ...over });
const unplanned = (key: string, over: Partial<PendingRevocation> = {}) => aRevocation({ key, planned: false, ...over });

function setUp(limits: ThresholdLimits, shown: readonly string[] = []) {
  const { dependencies, recorded } = createFakeWorld();
  const { state, clock, telemetry } = dependencies;
  const corroborates = vi.fn<Corroborates>(async ({ key }) => shown.includes(key));
  const watchedUsers = async () => 0;
  const timings = defaultTimings;
  const threshold = createThreshold({ state, limits, watchedUsers, corroborates, clock, timings, telemetry });
  const judge = async (
    due: readonly PendingRevocation[],
    {
      held = [],
      past = [],
      principalId = jane,
    }: { held?: PendingRevocation[]; past?: PendingRevocation[]; principalId?: string } = {},
  ) => {
    const state = { ...aState({ revocations: [...past, ...held, ...due] }), principalId };
    const { cleared, consulted } = await threshold({ state, due, held }, at(70));
    return { cleared: Object.fromEntries(cleared), consulted };
  };
  const alarms = () => recorded.filter(({ name }) => name === "thresholdReached").map(({ properties }) => properties);
  return { judge, corroborates, alarms };
}

describe("the tenant's limits", () => {
  test("planned and unplanned ends have a limit of their own", async () => {
    const { judge } = setUp({ planned: 1, unplanned: 1 });
    expect(await judge([planned("a")], { principalId: userId(1) })).toEqual({
      cleared: { a: "admitted" },
      consulted: false,
    });
    expect(await judge([unplanned("b")], { principalId: userId(2) })).toMatchObject({ cleared: { b: "admitted" } });
    expect(await judge([planned("c")], { principalId: userId(3) })).toEqual({ cleared: {}, consulted: true });
    expect(await judge([unplanned("d")], { principalId: userId(4) })).toEqual({ cleared: {}, consulted: true });
  });

  test("reaching one is raised once, with what was counted and without any user's id", async () => {
    const { judge, alarms } = setUp({ planned: 1, unplanned: 0 });
    for (const n of [1, 2, 3]) await judge([planned("a")], { principalId: userId(n) });
    expect(alarms()).toEqual([{ limit: "planned", users: 2, allowed: 1, principalId: null }]);
  });

  test("one user is one revoke: a planned end that is admitted takes the unplanned ones along", async () => {
    const { judge, corroborates } = setUp({ planned: 1, unplanned: 0 });
    expect(await judge([planned("a"), unplanned("b")])).toEqual({ cleared: { a: "admitted" }, consulted: false });
    expect(corroborates).not.toHaveBeenCalled();
  });

  test("an unplanned end may still be admitted when planned ones are too many", async () => {
    const { judge } = setUp({ planned: 0, unplanned: 1 });
    expect(await judge([planned("a"), unplanned("b")])).toEqual({ cleared: { b: "admitted" }, consulted: false });
  });

  test("the audit log is asked only above them, and clears what it shows", async () => {
    const { judge, corroborates } = setUp({ planned: 0, unplanned: 1 }, ["a", "b", "c"]);
    await judge([unplanned("b")], { principalId: userId(1) });
    expect(corroborates).not.toHaveBeenCalled();
    expect(await judge([planned("a"), unplanned("x")], { principalId: userId(2) })).toEqual({
      cleared: { a: "corroborated" },
      consulted: true,
    });
    expect(await judge([unplanned("c")], { principalId: userId(3) })).toMatchObject({ cleared: { c: "corroborated" } });
  });

  test("what is held is asked about again", async () => {
    const { judge } = setUp({ planned: 0, unplanned: 0 }, ["a"]);
    expect(await judge([], { held: [planned("a"), planned("b")] })).toEqual({
      cleared: { a: "corroborated" },
      consulted: true,
    });
  });
});

describe("the limit of one user", () => {
  const limits = { planned: 100, unplanned: 100 };
  const past = ["a", "b", "c"].map((key, index) => unplanned(key, { foundAt: at(index), threshold: "admitted" }));

  test("holds the fourth unplanned end in an hour, and raises it with the user", async () => {
    const { judge, alarms } = setUp(limits);
    expect(await judge([unplanned("d")], { past })).toEqual({ cleared: {}, consulted: true });
    expect(alarms()).toEqual([{ limit: "user", ends: 4, allowed: 3, principalId: jane }]);
    await judge([unplanned("e")], { past, held: [unplanned("d", { threshold: "held" })] });
    expect(alarms()).toHaveLength(1);
  });

  test("never holds a planned end", async () => {
    const { judge, alarms } = setUp(limits);
    expect(await judge([planned("d"), unplanned("e")], { past })).toEqual({
      cleared: { d: "admitted" },
      consulted: false,
    });
    expect(await setUp({ planned: 0, unplanned: 0 }).judge([planned("d")], { past })).toMatchObject({ cleared: {} });
    expect(alarms()).toEqual([]);
  });

  test("never holds an end that the audit log shows", async () => {
    const { judge, alarms } = setUp(limits, ["d"]);
    expect(await judge([unplanned("d")], { past })).toEqual({ cleared: { d: "corroborated" }, consulted: true });
    expect(alarms()).toEqual([]);
  });

  test("does not count earlier ends that the audit log shows", async () => {
    const { judge, alarms } = setUp(limits, ["b"]);
    expect(await judge([unplanned("d")], { past })).toEqual({
      cleared: { b: "corroborated", d: "admitted" },
      consulted: true,
    });
    expect(alarms()).toEqual([]);
  });

  test("four that end together are one revoke, for the first three", async () => {
    const { judge } = setUp(limits);
    const together = ["a", "b", "c", "d"].map((key) => unplanned(key));
    expect(await judge(together)).toEqual({
      cleared: { a: "admitted", b: "admitted", c: "admitted" },
      consulted: false,
    });
  });

  test("is not a way past the tenant's limit", async () => {
    const { judge, alarms } = setUp({ planned: 0, unplanned: 0 }, ["b"]);
    expect(await judge([unplanned("d")], { past })).toEqual({ cleared: { b: "corroborated" }, consulted: true });
    expect(alarms()).toMatchObject([{ limit: "unplanned", allowed: 0 }]);
  });
});
