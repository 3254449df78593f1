import { describe, expect, test } from "vitest";
import { enforcementOf, noteEnforcement } from "../../../shared/enforcement/changed-settings.ts";
import { enterEnforcementState } from "../../../shared/enforcement/stop-and-resume.ts";
import type { SourceHealth } from "../../../shared/notifications/source-health.ts";
import { readHealth } from "../../../shared/operators/health.ts";
import { parkDeadLetter } from "../../../shared/operators/pending.ts";
import { loadResync, type ResyncRecord, resync } from "../../../shared/reconcile/resync.ts";
import { StorageUnavailableError } from "../../../shared/storage/table.ts";
import { createFakeWorld, enforceAll, jane } from "../../fixtures/fake-world.ts";
import { activationOf, createManyUsers } from "../../fixtures/many-users.ts";
import { at } from "../../fixtures/principal-builders.ts";

const finished: ResyncRecord = {
  startedAt: at(0),
  finishedAt: at(1),
  graphDate: at(0),
  open: 0,
  openSince: null,
  held: 0,
  inReview: 0,
  exposed: 0,
  exposedUntil: null,
  watchedUsers: 2,
  known: 0,
  notBefore: null,
  error: null,
};

async function createWorld(record: Partial<ResyncRecord> | null = {}) {
  const world = createFakeWorld();
  if (record !== null) await (await loadResync(world.state)).save({ ...finished, ...record });
  const { control } = world.dependencies;
  return { ...world, read: (policy = enforceAll) => readHealth(world.state, control, policy, 10_000) };
}

test("healthy: a resync has finished lately, nothing is pending for long, nothing is parked", async () => {
  const { read } = await createWorld({ open: 2, openSince: at(-600) });
  expect(await read()).toEqual({
    healthy: true,
    state: "healthy",
    conditions: [],
    problems: [],
    // The bundle knows more: test/e2e/hostile-requests.test.ts.
    build: { version: "unbundled", commit: null },
    mode: "enforce",
    stopped: false,
    storage: "ok",
    keysRotated: true,
    lastResync: { startedAt: "2026-01-05T09:00:00.000Z", finishedAt: "2026-01-05T09:00:01.000Z", error: null },
    lastGraphSuccess: "2026-01-05T09:00:00.000Z",
    pending: { principals: 2, oldestSince: "2026-01-05T08:50:00.000Z", inReview: 0 },
    threshold: { held: 0, plannedReachedAt: null, unplannedReachedAt: null },
    sources: {},
    exposure: { principals: 0, until: null },
    undelivered: 0,
    stoppedChannels: [],
    unreadableParked: 0,
    deadLetters: 0,
    newestDeadLetters: [],
  });
});

test("shows every source of signals, and counts one that fails as a problem unless the mode is off", async () => {
  const world = await createWorld();
  const source = (state: SourceHealth["state"]) => async () => ({ state, lastAt: null, detail: "aCode" });
  const read = (policy = enforceAll, state: SourceHealth["state"] = "failing") =>
    readHealth(world.state, world.dependencies.control, policy, 10_000, {
      one: source("unsupported"),
      two: source(state),
    });
  expect(await read()).toMatchObject({
    healthy: false,
    problems: ["two does not work (aCode): see the log of that function."],
    sources: { one: { state: "unsupported" }, two: { state: "failing", detail: "aCode" } },
  });
  expect((await read({ ...enforceAll, mode: "off" })).healthy).toBe(true);
  expect((await read(enforceAll, "unproven")).healthy).toBe(true);
});

describe("not healthy", () => {
  test("before the first resync, unless the mode is off", async () => {
    const { read } = await createWorld(null);
    expect(await read()).toMatchObject({ healthy: false, lastResync: { finishedAt: null }, lastGraphSuccess: null });
    expect((await read()).problems).toEqual([expect.stringContaining("No resync has finished yet")]);
    expect(await read({ ...enforceAll, mode: "off" })).toMatchObject({ healthy: true, mode: "off" });
  });

  test("when six resyncs in a row did not finish, with the reason of the last", async () => {
    const { read, goTo } = await createWorld({ error: "Authorization_RequestDenied" });
    goTo(at(61));
    expect((await read()).healthy).toBe(true);
    goTo(at(62));
    expect(await read()).toMatchObject({ healthy: false, lastResync: { error: "Authorization_RequestDenied" } });
  });

  test("when an end has had no outcome for more than ten minutes", async () => {
    const { read } = await createWorld({ open: 1, openSince: at(-601) });
    expect((await read()).problems).toHaveLength(1);
  });

  test("not before a revoke may have waited for another end, too", async () => {
    const { read } = await createWorld({ open: 1, openSince: at(-601) });
    expect((await read({ ...enforceAll, coalesceWithin: 60_000 })).problems).toEqual([]);
  });

  test("while something waits for an operator because of its age", async () => {
    const { read } = await createWorld({ inReview: 2 });
    const { pending, problems } = await read();
    expect(pending.inReview).toBe(2);
    expect(problems).toEqual([expect.stringMatching(/^Privileges of 2 principals .*operations\/release/)]);
  });

  test("when a message was parked", async () => {
    const world = await createWorld();
    await parkDeadLetter("secret", "message-1", world.dependencies);
    const health = await world.read();
    expect(health).toMatchObject({ healthy: false, deadLetters: 1 });
    expect(JSON.stringify(health)).not.toContain("secret");
  });

  test("the five newest parked messages are shown", async () => {
    const world = await createWorld();
    for (const n of [1, 2, 3, 4, 5, 6]) {
      world.goTo(at(n));
      await parkDeadLetter("secret", `message-${n}`, world.dependencies);
    }
    const { problems, deadLetters, newestDeadLetters } = await world.read();
    expect(problems).toEqual([expect.stringContaining("/api/operations/redrive")]);
    expect(deadLetters).toBe(6);
    expect(newestDeadLetters.map(({ messageId }) => messageId)).toEqual([6, 5, 4, 3, 2].map((n) => `message-${n}`));
    expect(newestDeadLetters[0]).toEqual({
      messageId: "message-6",
      principalId: null,
      code: "SIGNAL_UNREADABLE",
      reason: expect.any(String),
      parkedAt: "2026-01-05T09:00:06.000Z",
    });
  });

  test("while the threshold holds a user, with what to do and when it was reached", async () => {
    const world = createManyUsers({ limits: { planned: 1, unplanned: 0 } });
    const users = [1, 2, 3];
    for (const n of users) world.showOf(n, activationOf(n));
    for (const n of users) await world.pass(n);
    world.shown.atTime = (now) => {
      if (now > at(61)) for (const n of users) world.showOf(n);
    };
    await world.deliver(at(300));
    const { dependencies } = world;
    await resync({ ...dependencies, resyncEvery: 10_000 });
    const health = await readHealth(dependencies.state, dependencies.control, enforceAll, 10_000);
    expect(health.healthy).toBe(false);
    expect(health.problems).toEqual([expect.stringMatching(/holds 2 principals.*\/api\/operations\/release/)]);
    expect(health.threshold).toEqual({
      held: 2,
      plannedReachedAt: expect.stringMatching(/^2026-01-05T09:01/),
      unplannedReachedAt: null,
    });
  });

  test.each([
    { stopped: true, shown: true },
    { stopped: false, shown: null },
  ])("when storage does not answer; a stop by setting is known all the same: $shown", async ({ stopped, shown }) => {
    const world = createFakeWorld();
    const away = { ...world.state, get: () => Promise.reject(new StorageUnavailableError("storage did not answer")) };
    const health = await readHealth(away, world.dependencies.control, { ...enforceAll, stopped }, 10_000);
    expect(health.build).toEqual({ version: "unbundled", commit: null });
    expect(health).toMatchObject({ healthy: false, storage: "STORAGE_UNAVAILABLE", stopped: shown });
    expect(health.problems).toEqual(["Storage: storage did not answer"]);
  });
});

describe("stopped is not healthy", () => {
  test("by an operator: who and when, and never the reason, which may hold names", async () => {
    const world = await createWorld();
    await world.dependencies.control.stop({ by: jane, reason: "Drill with Bob" });
    const health = await world.read();
    expect(health).toMatchObject({
      healthy: false,
      state: "stopped",
      stopped: true,
      conditions: [{ kind: "stopped", since: expect.stringMatching(/^2026-01-05T09/), by: jane }],
    });
    expect(health.problems).toEqual(health.conditions.map(({ why }) => why));
    expect(JSON.stringify(health)).not.toContain("Bob");
  });

  test("by the setting: since the settings are so", async () => {
    const world = await createWorld();
    await enterEnforcementState(world.state, { mode: "enforce", stopped: true });
    expect(await world.read({ ...enforceAll, stopped: true })).toMatchObject({
      healthy: false,
      state: "stopped",
      stopped: true,
      conditions: [{ kind: "stopped", since: expect.stringMatching(/^2026/), by: null }],
    });
  });

  test("until it is lifted", async () => {
    const world = await createWorld();
    await world.dependencies.control.stop({ by: jane, reason: "drill" });
    await (await world.dependencies.control.prepareLift())();
    expect(await world.read()).toMatchObject({ healthy: true, state: "healthy", conditions: [] });
  });
});

describe("settings that cut less than they did", () => {
  const usual = { threshold: { planned: null, unplanned: 10 }, enforcedRoles: "all", watchedGroups: "auto" } as const;
  const start = ({ state, dependencies }: Awaited<ReturnType<typeof createWorld>>, excluded: readonly string[]) => {
    const policy = { ...enforceAll, excluded: new Set(excluded) };
    const enforcement = enforcementOf({ ...usual, policy, auditRules: new Set() });
    return noteEnforcement(state, enforcement, dependencies.telemetry);
  };

  test("are shown for a day, and wait for no person", async () => {
    const world = await createWorld({ finishedAt: at(100_000) });
    await start(world, []);
    expect(await world.read()).toMatchObject({ state: "healthy" });
    await start(world, [jane]);
    expect(await world.read()).toMatchObject({
      healthy: true,
      state: "weaker",
      conditions: [{ kind: "weaker", by: null, why: expect.stringContaining("EXCLUDED_PRINCIPALS") }],
      problems: [],
    });
    await world.clock.sleep(86_400_000);
    expect(await world.read()).toMatchObject({ state: "healthy" });
  });

  test("do not hide what does wait for a person: a stop, or a parked message", async () => {
    const world = await createWorld();
    await start(world, []);
    await start(world, [jane]);
    await parkDeadLetter("secret", "message-1", world.dependencies);
    expect(await world.read()).toMatchObject({
      healthy: false,
      state: "needs attention",
      conditions: [{ kind: "weaker" }],
      problems: [expect.stringContaining("/api/operations/redrive")],
    });
    await world.dependencies.control.stop({ by: jane, reason: "drill" });
    expect(await world.read()).toMatchObject({
      healthy: false,
      state: "stopped",
      conditions: [{ kind: "stopped" }, { kind: "weaker" }],
    });
  });

  test("are shown until they are taken back", async () => {
    const world = await createWorld();
    await start(world, []);
    await start(world, [jane]);
    await start(world, []);
    expect(await world.read()).toMatchObject({ state: "healthy" });
  });
});

test("a mistake of ours is not shown as ill health", async () => {
  const world = createFakeWorld();
  const broken = { ...world.state, get: () => Promise.reject(new TypeError("oops")) };
  await expect(readHealth(broken, world.dependencies.control, enforceAll, 10_000)).rejects.toThrow(TypeError);
});
