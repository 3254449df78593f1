import { expect, test } from "vitest";
import { usersOnly } from "../../../shared/enforcement/policy.ts";
import { createScopeReader } from "../../../shared/enforcement/scope-reader.ts";
import { readPolicy } from "../../../shared/reconcile/pass.ts";
import { enforceAll, enforceAllResolved, jane } from "../../fixtures/fake-world.ts";
import { createEndedWorld, play } from "../../fixtures/play.ts";

const exempt = "9d0c1b2a-0000-4000-8000-0000000000ee";

/** Jane's role has ended. EXCLUDED_PRINCIPALS names a group in which nobody is, and of which a reading is a second old. */
async function createScopedWorld(over: Parameters<typeof createEndedWorld>[0] = {}) {
  const world = await createEndedWorld(over);
  const group = { members: [] as readonly string[] };
  const { state, clock } = world;
  const scope = createScopeReader({
    settings: { included: "all", excluded: new Set([exempt]) },
    state,
    readListed: async () => ({
      value: [{ id: exempt, kind: "group", assignableToRole: true, members: group.members }],
      date: clock.now(),
      at: clock.monotonic(),
    }),
    clock,
    telemetry: world.dependencies.telemetry,
  });
  await scope();
  return { ...world, group, dependencies: { ...world.dependencies, scope } };
}

test("a user who was excluded a moment ago is not revoked: the lists are read again immediately before", async () => {
  const world = await createScopedWorld({ policy: { ...enforceAll, lateExemptions: "honour" } });
  world.group.members = [jane];
  await play(world, 300);
  expect(world.shown.revokedAt).toEqual([]);
  expect(world.outcomes()).toEqual(["excluded"]);
});

test("a user who is not excluded any more is", async () => {
  const world = await createScopedWorld();
  await play(world, 300);
  expect(world.outcomes()).toEqual(["revoked"]);
});

test("what only Graph can say is resolved: without a reader of roles all are enforced, and only users are meant", async () => {
  const excluded = new Set([jane]);
  const enforcedRoles = { ids: new Set<string>(), complete: false, problems: [] };
  const policy = { ...enforceAll, excluded };
  const resolved = await readPolicy({ policy });
  expect(resolved).toEqual({ ...enforceAllResolved, scope: usersOnly({ included: "all", excluded }) });
  expect(await readPolicy({ policy, enforcedRoles: async () => enforcedRoles })).toMatchObject({
    enforcedRoles,
  });
});
