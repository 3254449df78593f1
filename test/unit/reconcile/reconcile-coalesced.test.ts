import { expect, test } from "vitest";
import type { CoreDependencies } from "../../../shared/reconcile/dependencies.ts";
import type { PolicySettings } from "../../../shared/settings/settings.ts";
import { activation, createFakeWorld, directoryRow, enforceAll, iso, start } from "../../fixtures/fake-world.ts";
import { play } from "../../fixtures/play.ts";
import { at } from "../../fixtures/principal-builders.ts";

const lesser = [
  "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
  "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
  "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",
];
const minute = 60_000;

/** Jane's roles end so many seconds after the start, and are gone at once. */
async function endAt(
  ends: readonly (readonly [string, number])[],
  over: Partial<PolicySettings> = {},
  dependencies: Partial<CoreDependencies> = {},
) {
  const policy = { ...enforceAll, coalesceWithin: 5 * minute, ...over };
  const world = createFakeWorld({ ...dependencies, policy });
  const rows = ends.map(([roleDefinitionId, seconds], index) => ({
    seconds,
    row: activation({
      roleDefinitionId,
      endDateTime: iso(start + seconds * 1000),
      roleAssignmentScheduleId: `61998d6f-0000-4000-8000-00000000000${index}`,
    }),
  }));
  world.show(...rows.map(({ row }) => row));
  for (const { seconds } of rows) {
    world.when(at(seconds), () => {
      const left = rows.filter((other) => at(other.seconds) > world.clock.now()).map(({ row }) => row);
      world.shown.instances = left;
      world.shown.directory = left.map(directoryRow);
    });
  }
  await play(world, 3600);
  return world;
}

test("three roles that end minutes apart sign the person out once, with the last", async () => {
  const world = await endAt(lesser.map((role, index) => [role, 60 + 120 * index] as const));
  expect(world.outcomes()).toEqual(["revoked", "revoked", "revoked"]);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.shown.revokedAt[0]).toBeGreaterThanOrEqual(at(300));
  expect(world.shown.revokedAt[0]).toBeLessThan(at(303));
});

test("without the setting each end is cut at once", async () => {
  const world = await endAt(
    lesser.map((role, index) => [role, 60 + 120 * index] as const),
    { coalesceWithin: 0 },
  );
  expect(world.shown.revokedAt).toHaveLength(3);
});

test("a chain of ends holds none of them longer than the setting", async () => {
  const ends = [60, 200, 340, 480, 620, 760].map(
    (seconds, index) => [`0f5f6d33-0000-4000-8000-00000000000${index}`, seconds] as const,
  );
  const world = await endAt(ends);
  for (const [, seconds] of ends) {
    const cut = world.shown.revokedAt.find((time) => time >= at(seconds));
    expect((cut ?? Number.NaN) - at(seconds)).toBeLessThanOrEqual(5 * minute);
  }
  expect(world.shown.revokedAt.length).toBeLessThan(ends.length);
});

test("the most powerful role is cut at once, and takes along what waits", async () => {
  const world = await endAt([
    [lesser[0] ?? "", 60],
    ["62e90394-69f5-4237-9190-012177145e10", 120],
    [lesser[1] ?? "", 240],
  ]);
  expect(world.outcomes()).toEqual(["revoked", "revoked", "revoked"]);
  expect(world.shown.revokedAt.map((time) => Math.floor((time - start) / 1000))).toEqual([120, 240]);
});

test("a role that is not enforced is not waited for", async () => {
  const world = await endAt(
    [
      [lesser[0] ?? "", 60],
      [lesser[1] ?? "", 120],
    ],
    {},
    { enforcedRoles: async () => ({ ids: new Set([lesser[0] ?? ""]), complete: true, problems: [] }) },
  );
  expect(world.shown.revokedAt.map((time) => Math.floor((time - start) / 1000))).toEqual([60]);
});

test("report-only waits as enforce does, and reports one sign-out for both", async () => {
  const world = await endAt(
    [
      [lesser[0] ?? "", 60],
      [lesser[1] ?? "", 120],
    ],
    { mode: "reportOnly" },
  );
  expect(world.shown.revokedAt).toEqual([]);
  const recorded = world.recorded.filter(({ name }) => name === "outcome").map(({ properties }) => properties);
  expect(recorded).toMatchObject([
    { outcome: "reportOnly", detail: "wouldRevoke" },
    { outcome: "reportOnly", detail: "wouldRevoke" },
  ]);
  expect(new Set(recorded.map(({ closedAt }) => closedAt)).size).toBe(1);
});
