import { describe, expect, test } from "vitest";
import { type Operation, operate } from "../../../shared/operators/orders.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { enforceAll, start } from "../../fixtures/fake-world.ts";
import { activationOf, createManyUsers, userId } from "../../fixtures/many-users.ts";
import { anOperator } from "../../fixtures/operators.ts";

const minute = 60_000;
const reason = "drill";
type World = ReturnType<typeof createManyUsers>;

const order = (world: World, operation: Omit<Operation, "reason">) =>
  operate({ ...operation, reason }, anOperator, world.dependencies);

/** Three users whose roles ended. With `planned: 0` the threshold holds all of them. */
async function threeEnded(planned: number): Promise<World> {
  const world = createManyUsers({ limits: { planned, unplanned: 0 } });
  for (const n of [1, 2, 3]) world.showOf(n, activationOf(n));
  for (const n of [1, 2, 3]) await world.pass(n);
  world.shown.atTime = (now) => {
    if (now > start + 61_000) for (const n of [1, 2, 3]) world.showOf(n);
  };
  return world;
}

describe("every operation", () => {
  test("is recorded with operator, time and reason, and raised without the reason", async () => {
    const world = createManyUsers();
    const { operationId } = await order(world, { action: "release", principalId: userId(7) });
    const { value } = await world.state.get("operations", operationId);
    expect(value?.timestamp).toBe(start);
    expect(value?.content).toEqual({
      schema: 2,
      at: new Date(start).toISOString(),
      by: anOperator.objectId,
      action: "release",
      reason,
      principalId: userId(7),
      messageId: null,
      carryOutPending: null,
    });
    expect(world.recordedOf("operation")).toEqual([
      {
        operationId,
        by: anOperator.objectId,
        action: "release",
        principalId: userId(7),
        messageId: null,
        carryOutPending: null,
      },
    ]);
    expect(JSON.stringify(world.recorded)).not.toMatch(/drill/);
  });

  test("does nothing that it could not record", async () => {
    const world = createManyUsers();
    const commit = async (): Promise<never> => {
      throw new StorageUnavailableError("no answer");
    };
    const dependencies = { ...world.dependencies, state: { ...world.state, commit } };
    await expect(operate({ action: "stop", reason }, anOperator, dependencies)).rejects.toThrow(
      StorageUnavailableError,
    );
    expect(await world.dependencies.control.read()).toMatchObject({ stopped: false });
    expect(world.recorded).toEqual([]);
  });
});

describe("stop and resume", () => {
  test("what ends during a stop stays pending and is carried out at once after it", async () => {
    const world = await threeEnded(100);
    expect(await order(world, { action: "stop" })).toMatchObject({ action: "stop", principals: 0 });
    await world.deliver(start + 10 * minute);
    expect(world.revoked).toEqual([]);
    expect(await order(world, { action: "resume", carryOutPending: false })).toMatchObject({
      principals: 3,
      note: null,
    });
    await world.deliver(world.clock.now() + 1000);
    expect(world.revoked.toSorted()).toEqual([1, 2, 3].map(userId));
  });

  test("resume shows what is pending first, and does nothing before the operator has said what becomes of it", async () => {
    const world = await threeEnded(100);
    await order(world, { action: "stop" });
    await world.deliver(start + 10 * minute);
    const { principals, note, pending } = await order(world, { action: "resume" });
    expect([principals, note]).toEqual([0, expect.stringContaining("carryOutPending")]);
    expect(pending?.more).toBe(0);
    expect(pending?.principals.map(({ principalId }) => principalId).toSorted()).toEqual([1, 2, 3].map(userId));
    expect(pending?.principals[0]?.ends).toEqual([
      {
        roleDefinitionId: activationOf(1).roleDefinitionId,
        endedAt: new Date(start + 60_500).toISOString(),
        olderThanAnHour: false,
        heldBy: "stopped",
      },
    ]);
    expect(await world.dependencies.control.read()).toMatchObject({ stopped: true });
    await world.deliver(start + 20 * minute);
    expect(world.revoked).toEqual([]);
  });

  test("a stop that comes while a resume is under way stays, and the answer to the resume says so", async () => {
    const world = await threeEnded(100);
    await order(world, { action: "stop" });
    await world.deliver(start + 10 * minute);
    const { control } = world.dependencies;
    const overtaken: typeof control = {
      ...control,
      async prepareLift(orderedAt) {
        const lift = await control.prepareLift(orderedAt);
        await order(world, { action: "stop" });
        return lift;
      },
    };
    const dependencies = { ...world.dependencies, control: overtaken };
    const done = await operate({ action: "resume", reason, carryOutPending: true }, anOperator, dependencies);
    expect(done).toMatchObject({ principals: 0, note: expect.stringContaining("stays in force") });
    expect(await control.read()).toMatchObject({ stopped: true });
    await world.deliver(world.clock.now() + 1000);
    expect(world.revoked).toEqual([]);
  });

  test("a resume whose process was frozen does not lift the stop that came meanwhile", async () => {
    const world = createManyUsers();
    const { control, clock } = world.dependencies;
    const frozen: typeof control = {
      ...control,
      async prepareLift(orderedAt) {
        await clock.sleep(minute);
        await order(world, { action: "stop" });
        return control.prepareLift(orderedAt);
      },
    };
    const done = await operate({ action: "resume", reason }, anOperator, { ...world.dependencies, control: frozen });
    expect(done).toMatchObject({ note: expect.stringContaining("stays in force") });
    expect(await control.read()).toMatchObject({ stopped: true });
  });

  test("with nothing pending it resumes at once", async () => {
    const world = createManyUsers();
    await order(world, { action: "stop" });
    expect(await order(world, { action: "resume" })).toMatchObject({ principals: 0, note: null });
    expect(await world.dependencies.control.read()).toMatchObject({ stopped: false });
  });

  test("what ended more than an hour before stays pending, until it is released or found stale", async () => {
    const world = await threeEnded(100);
    await order(world, { action: "stop" });
    await world.deliver(start + 62 * minute);
    expect((await order(world, { action: "review" })).pending?.principals[0]?.ends).toMatchObject([
      { olderThanAnHour: true },
    ]);
    await order(world, { action: "resume", carryOutPending: false });
    await world.deliver(start + 3 * 60 * minute);
    expect(world.revoked).toEqual([]);
    expect((await world.revocationsOf(1))[0]?.progress).toMatchObject({ state: "pending", heldBy: "review" });
    const { operationId } = await order(world, { action: "release", principalId: userId(2) });
    await world.deliver(world.clock.now() + 1000);
    expect(world.revoked).toEqual([userId(2)]);
    expect(await world.revocationsOf(2)).toMatchObject([{ approved: operationId }]);
    expect(await order(world, { action: "release" })).toMatchObject({ principals: 2 });
    await world.deliver(world.clock.now() + 1000);
    expect(world.revoked).toHaveLength(3);
  });

  test("carryOutPending lets all of it go on, up to the threshold", async () => {
    const world = await threeEnded(2);
    await order(world, { action: "stop" });
    await world.deliver(start + 62 * minute);
    const { principals } = await order(world, { action: "resume", carryOutPending: true });
    expect(principals).toBe(3);
    await world.deliver(world.clock.now() + 1000);
    expect(world.revoked).toHaveLength(2);
  });

  test("resuming reports when the setting still stops everything", async () => {
    const world = createManyUsers({}, { policy: { ...enforceAll, stopped: true } });
    expect((await order(world, { action: "resume" })).note).toContain("CUTOFF_STOP");
  });
});

describe("release", () => {
  test("of all: everything held is revoked at once", async () => {
    const world = await threeEnded(0);
    await world.deliver(start + 30 * minute);
    expect(world.revoked).toEqual([]);
    expect(await order(world, { action: "release" })).toMatchObject({ principals: 3 });
    await world.deliver(world.clock.now() + 1000);
    expect(world.revoked.toSorted()).toEqual([1, 2, 3].map(userId));
    expect(await order(world, { action: "release" })).toMatchObject({ principals: 0 });
  });

  test("is reported for each end that it lets go, with the user", async () => {
    const world = await threeEnded(0);
    await world.deliver(start + 10 * minute);
    const recorded = world.recordedOf("threshold").length;
    await order(world, { action: "release", principalId: userId(2) });
    expect(world.recordedOf("threshold").slice(recorded)).toEqual([
      { principalId: userId(2), key: expect.any(String), planned: true, mark: "released" },
    ]);
  });

  test("of one user: the others stay held", async () => {
    const world = await threeEnded(0);
    await world.deliver(start + 5 * minute);
    expect(await order(world, { action: "release", principalId: userId(2) })).toMatchObject({ principals: 1 });
    await world.deliver(start + 60 * minute);
    expect(world.revoked).toEqual([userId(2)]);
  });

  test("of a user of whom nothing is held, or who is unknown, does nothing", async () => {
    const world = createManyUsers();
    expect(await order(world, { action: "release", principalId: userId(9) })).toMatchObject({ principals: 0 });
    expect(world.queue.peekAll()).toEqual([]);
  });

  test("holds for what is held now: what ends later is judged anew", async () => {
    const world = await threeEnded(0);
    world.showOf(4, activationOf(4, { endDateTime: null }));
    await world.pass(4);
    await world.deliver(start + 5 * minute);
    await order(world, { action: "release" });
    world.showOf(4);
    await world.pass(4);
    await world.deliver(start + 60 * minute);
    expect(world.revoked.toSorted()).toEqual([1, 2, 3].map(userId));
    expect(await world.revocationsOf(4)).toMatchObject([{ threshold: "held" }]);
  });

  test("during a stop it is kept for after the stop", async () => {
    const world = await threeEnded(0);
    await world.deliver(start + 5 * minute);
    await order(world, { action: "stop" });
    await order(world, { action: "release" });
    await world.deliver(start + 10 * minute);
    expect(world.revoked).toEqual([]);
    await order(world, { action: "resume", carryOutPending: false });
    await world.deliver(world.clock.now() + 1000);
    expect(world.revoked).toHaveLength(3);
  });

  test("starts over when another instance commits in between, and gives up after five times", async () => {
    const world = await threeEnded(0);
    await world.deliver(start + 5 * minute);
    const { principals } = world.dependencies;
    let conflicts = 4;
    const commit: typeof principals.commit = async (partition, operations) => {
      conflicts -= 1;
      if (conflicts >= 0) throw new StorageConflictError("another instance");
      return principals.commit(partition, operations);
    };
    const dependencies = { ...world.dependencies, principals: { ...principals, commit } };
    const one = { action: "release", reason, principalId: userId(1) } as const;
    expect(await operate(one, anOperator, dependencies)).toMatchObject({ principals: 1 });
    conflicts = 5;
    await expect(operate({ ...one, principalId: userId(2) }, anOperator, dependencies)).rejects.toThrow(
      StorageConflictError,
    );
    expect(await operate({ ...one, principalId: userId(2) }, anOperator, dependencies)).toMatchObject({
      principals: 1,
    });
  });

  test("a user whose rows cannot be read is raised, the others are released", async () => {
    const world = await threeEnded(0);
    await world.deliver(start + 5 * minute);
    const newer = { type: "upsert" as const, row: "revocation|newer", content: { schema: 2 } };
    await world.principals.commit(userId(2), [newer]);
    expect(await order(world, { action: "release" })).toMatchObject({ principals: 2 });
    expect(world.recordedOf("rowUnreadable")).toEqual([
      { principalId: userId(2), row: "revocation|newer", code: "STORAGE_ROW_UNREADABLE" },
    ]);
  });
});
