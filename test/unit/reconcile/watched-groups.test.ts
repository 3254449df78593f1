import { describe, expect, it } from "vitest";
import { GraphPermanentError } from "../../../shared/graph/errors.ts";
import { countWatched } from "../../../shared/reconcile/heads.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { resync } from "../../../shared/reconcile/resync.ts";
import { signalOf } from "../../fixtures/deliver.ts";
import { start } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupRole, member, others } from "../../fixtures/group-world.ts";

type World = ReturnType<typeof createGroupWorld>;

/** A resync this many seconds after the start; the principals that it enqueued. */
async function enqueuedAt(world: World, seconds: number): Promise<readonly string[]> {
  world.goTo(start + seconds * 1000);
  await resync({ ...world.dependencies, resyncEvery: 10_000 });
  const messages = world.queue.receive(32, 0).filter(({ content }) => signalOf(content).because === "resync");
  for (const message of messages) world.queue.delete(message);
  return messages.map(({ content }) => signalOf(content).principalId);
}

describe("groups that can hold a role", () => {
  it("are found though they hold none, once, and get passes from then on", async () => {
    const world = createGroupWorld();
    world.shown.roles = [];
    world.shown.members.set(others, [member(1)]);
    expect(await enqueuedAt(world, 0)).toEqual([admins, others]);
    await world.pass(admins);
    await world.pass(others);
    expect(await enqueuedAt(world, 12)).toEqual([]);
    expect((await world.stateOf(others)).members.size).toBe(1);
    await enqueuedAt(world, 400);
    expect(await countWatched(world.state)).toBe(2);
  });

  it("are searched for every few minutes only", async () => {
    const world = createGroupWorld();
    world.shown.roles = [];
    await enqueuedAt(world, 0);
    await world.pass(admins);
    world.shown.members.set(others, []);
    expect(await enqueuedAt(world, 60)).not.toContain(others);
    expect(await enqueuedAt(world, 301)).toContain(others);
  });

  it("that hold one are found by its row", async () => {
    const world = createGroupWorld({}, { watched: new Set() });
    world.shown.roles = [groupRole()];
    expect(await enqueuedAt(world, 0)).toEqual([admins]);
  });
});

it("a list names the groups", async () => {
  const world = createGroupWorld({}, { watched: new Set([others]) });
  world.shown.roles = [];
  expect(await enqueuedAt(world, 0)).toEqual([others]);
});

it("one that is no group yet is tried again with the next search", async () => {
  const world = createGroupWorld({}, { watched: new Set([others]) });
  world.shown.roles = [];
  await enqueuedAt(world, 0);
  await world.pass(others);
  expect((await world.stateOf(others)).head.kind).toBe("unknown");
  expect(await enqueuedAt(world, 60)).toEqual([]);
  expect(await enqueuedAt(world, 301)).toEqual([others]);
});

it("a search that is refused is raised; the resync goes on", async () => {
  const world = createGroupWorld();
  const { groups } = world.dependencies;
  if (groups === undefined) throw new Error("This world has groups.");
  const forbidden = new GraphPermanentError("Forbidden.", { code: "Authorization_RequestDenied", status: 403 });
  const graph = { ...groups.graph, listAssignableGroups: () => Promise.reject(forbidden) };
  await resync({ ...world.dependencies, groups: { ...groups, graph }, resyncEvery: 10_000 });
  expect(world.recordedOf("groupSearchFailed")).toEqual([
    { code: forbidden.code, status: 403, requestId: null, message: forbidden.message },
  ]);
  expect(world.recordedOf("resynced")).toMatchObject([{ enqueued: 1 }]);
});

it("without watched groups nothing is asked, and the group that loses a role is no user", async () => {
  const world = createGroupWorld();
  const { groups: _, ...dependencies } = world.dependencies;
  await resync({ ...dependencies, resyncEvery: 10_000 });
  await reconcile({ principalId: admins, because: "resync", tries: 0 }, dependencies);
  world.from(61.4, () => {
    world.shown.roles = [];
  });
  await world.deliver(300, dependencies);
  expect(world.recordedOf("outcome")).toMatchObject([{ outcome: "notEnforceable", detail: "notAUser" }]);
});
