import { expect, test } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/graph-errors.ts";
import { createScopeReader } from "../../../shared/revocation/scope-reader.ts";
import { enforceAll, jane } from "../../fixtures/fake-world.ts";
import { createEndedWorld, play } from "../../fixtures/play.ts";
import { at } from "../../fixtures/principal-builders.ts";

const exempt = "9d0c1b2a-0000-4000-8000-0000000000ee";
const unavailable = new GraphRetryableError("503", { code: "serviceNotAvailable", status: 503, reason: "unavailable" });

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

test("who was excluded a moment ago is not revoked: the lists are read again immediately before", async () => {
  const world = await createScopedWorld();
  world.group.members = [jane];
  await play(world, 300);
  expect(world.shown.revokedAt).toEqual([]);
  expect(world.outcomes()).toEqual(["excluded"]);
});

test("who is not excluded any more is", async () => {
  const world = await createScopedWorld();
  await play(world, 300);
  expect(world.outcomes()).toEqual(["revoked"]);
});

const cutUnread = { policy: { ...enforceAll, whenUnreadable: "revoke" } } as const;

test("also where Graph cannot be read and WHEN_UNREADABLE=revoke", async () => {
  const world = await createScopedWorld(cutUnread);
  world.dependencies.graphClock.observe({ value: null, date: at(62), at: at(62) });
  world.shown.readError = unavailable;
  world.when(at(200), () => {
    world.group.members = [jane];
  });
  await play(world, 900);
  expect(world.namesTold()).toContain("unreadable");
  expect(world.shown.revokedAt).toEqual([]);
  expect(world.outcomes()).toEqual(["excluded"]);
});
