import { expect, test } from "vitest";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { runPass } from "../../../shared/reconcile/pass.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { aroundCommits } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { createEndedWorld, resynced } from "../../fixtures/play.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";

const long = 20_000;

test("a wait of seconds is left to this invocation, a longer one to a message", async () => {
  const world = createFakeWorld();
  world.show(activation());
  expect(await runPass(resynced, long, world.dependencies)).toBeNull();
  expect(world.queue.peekAll()).toMatchObject([{ visibleAt: at(57), content: { because: "timer", tries: 0 } }]);
  world.goTo(at(57));
  expect(await runPass(resynced, long, world.dependencies)).toEqual({ ms: 2501, failed: false });
  expect(world.queue.peekAll()).toMatchObject([{ visibleAt: at(57) }, { content: { standby: at(60.5) } }]);
});

test("a short wait that this invocation has no time for is a message, too", async () => {
  const world = createFakeWorld();
  world.show(activation());
  world.goTo(at(58));
  expect(await runPass(resynced, 1000, world.dependencies)).toBeNull();
  expect(world.queue.peekAll()).toHaveLength(1);
});

test("a pass that changes nothing writes nothing", async () => {
  const world = createFakeWorld();
  world.show(activation());
  await runPass(resynced, long, world.dependencies);
  const before = await loadPrincipal(world.principals, jane);
  await runPass(resynced, long, world.dependencies);
  expect((await loadPrincipal(world.principals, jane)).etags).toEqual(before.etags);
});

test("nor does it while tokens from before an earlier revoke may still be used", async () => {
  const world = await createEndedWorld();
  await runPass(resynced, long, world.dependencies);
  world.goTo(at(70));
  await runPass(resynced, long, world.dependencies);
  const before = await loadPrincipal(world.principals, jane);
  expect(before.state.head.exposedUntil).toBeDefined();
  await runPass(resynced, long, world.dependencies);
  expect((await loadPrincipal(world.principals, jane)).etags).toEqual(before.etags);
});

test("the safety net is sent and the attempt committed before the call", async () => {
  const world = await createEndedWorld();
  const seen: unknown[] = [];
  world.shown.revoke = async () => {
    const { state } = await loadPrincipal(world.principals, jane);
    seen.push(
      state.attempt?.state,
      state.revocations.size,
      world.queue.peekAll().map(({ visibleAt }) => visibleAt),
    );
  };
  expect(await runPass(resynced, long, world.dependencies)).toEqual({ ms: 0, failed: false });
  expect(seen).toEqual(["open", 1, [at(82)]]);
});

test("after a call with no time left the message takes over", async () => {
  const world = await createEndedWorld();
  expect(await runPass(resynced, 0, world.dependencies)).toBeNull();
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.queue.peekAll()).toHaveLength(1);
});

test("without an open pending revocation nobody asks for the stop", async () => {
  const world = createFakeWorld();
  world.show(activation());
  const control = { ...world.dependencies.control, read: () => Promise.reject(new StorageUnavailableError("asked")) };
  await expect(runPass(resynced, long, { ...world.dependencies, control })).resolves.toBeNull();
});

test("what was not committed is neither called for nor reported", async () => {
  const world = await createEndedWorld();
  const losing = aroundCommits(world, () => Promise.reject(new StorageConflictError("another instance was first")));
  await expect(runPass(resynced, long, losing)).rejects.toThrow(StorageConflictError);
  expect(world.shown.revokedAt).toEqual([]);
  expect(world.recorded).toEqual([]);
});

test("a loss that needs a second answer is found by the signal of the first", async () => {
  const world = createFakeWorld();
  world.show(activation({ endDateTime: isoAt(36_000) }));
  await runPass(resynced, long, world.dependencies);
  world.goTo(at(600));
  world.show();
  expect(await runPass(resynced, long, world.dependencies)).toBeNull();
  world.goTo(at(606));
  await runPass({ ...resynced, because: "audit" }, long, world.dependencies);
  expect(world.recorded.find(({ name }) => name === "ended")?.properties).toMatchObject({ foundBy: "resync" });
});
