import { expect, test } from "vitest";
import { attend } from "../../../shared/assignments/attend.ts";
import { parseSignal } from "../../../shared/assignments/signal.ts";
import { activation, createFakeWorld, enforceAll, jane, start } from "../../fixtures/fake-world.ts";

const resynced = { principalId: jane, because: "resync", tries: 0 } as const;

/** Delivers queue messages in time order until none is due before `until`. */
async function deliver(world: ReturnType<typeof createFakeWorld>, until: number): Promise<void> {
  for (;;) {
    const next = world.queue.nextVisibleAt();
    if (next === undefined || next > until) return;
    world.goTo(Math.max(next, world.clock.now()));
    for (const message of world.queue.receive(1, 600_000)) {
      await attend(parseSignal(message.content), world.dependencies);
      world.queue.delete(message);
    }
  }
}

test("an activation is watched, its end awaited, and the sessions revoked once it is gone", async () => {
  const world = createFakeWorld();
  world.show(activation());
  const removedAt = start + 61_400;
  world.shown.atTime = (now) => {
    if (now >= removedAt) world.show();
  };
  await attend(resynced, world.dependencies);
  await deliver(world, start + 3_600_000);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect((world.shown.revokedAt[0] ?? 0) - removedAt).toBeGreaterThanOrEqual(0);
  expect((world.shown.revokedAt[0] ?? 0) - removedAt).toBeLessThan(1000);
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(world.queue.peekAll()).toEqual([]);
});

test("report-only makes no call and says what it would have done", async () => {
  const world = createFakeWorld({ policy: { ...enforceAll, mode: "reportOnly" } });
  world.show(activation());
  await attend(resynced, world.dependencies);
  world.shown.atTime = (now) => {
    if (now >= start + 61_400) world.show();
  };
  await deliver(world, start + 3_600_000);
  expect(world.shown.revokedAt).toEqual([]);
  expect(world.outcomes()).toEqual(["reportOnly"]);
});
