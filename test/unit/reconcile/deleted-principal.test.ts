import { expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/timings.ts";
import { resync } from "../../../shared/reconcile/resync.ts";
import { deliver } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, directoryRow, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";

const hours = 3;
const until = hours * 3600;

/** Runs a resync every ten seconds and what it sends, and notes when Jane is read; seconds after the start. */
function createReads(own: () => boolean) {
  const world = createFakeWorld();
  const { graph } = world.dependencies;
  const reads: number[] = [];
  const counting: typeof graph = {
    ...graph,
    readPrincipal: async (id) => {
      reads.push((world.clock.now() - at(0)) / 1000);
      const reading = await graph.readPrincipal(id);
      return own() ? reading : { ...reading, value: { ...reading.value, instances: [] } };
    },
  };
  const dependencies = { ...world.dependencies, graph: counting, resyncEvery: 10_000 };
  return {
    world,
    reads,
    async run(seconds: number) {
      for (let time = world.clock.now(); time < at(seconds); time += 10_000) {
        world.goTo(Math.max(time, world.clock.now()));
        await resync(dependencies);
        await deliver(world, time + 10_000, dependencies);
      }
    },
  };
}

const role = activation({ endDateTime: isoAt(60) });
/** The directory drops a deleted principal at once, PIM's list does not. */
function remove(world: FakeWorld): void {
  world.shown.user = null;
  world.shown.directory = [];
}
const within = (reads: readonly number[], from: number, to: number) => reads.filter((s) => s >= from && s < to).length;

test.each([
  { name: "that names them in their own reading", own: true },
  { name: "that names them in the whole list only", own: false },
])("a deleted user is read less and less often, in spite of a list $name", async ({ own }) => {
  const counted = createReads(() => own || counted.world.shown.user !== null);
  const { world, reads } = counted;
  world.show(role);
  await counted.run(30);
  remove(world);
  await counted.run(until);
  const perQuarter = Array.from({ length: hours * 4 }, (_, n) => within(reads, n * 900, (n + 1) * 900));
  expect(perQuarter[0]).toBeLessThan(100);
  for (const later of perQuarter.slice(1)) expect(later).toBeLessThanOrEqual(2);
  expect(within(reads, 900, until)).toBeLessThan(20);
  expect(Math.max(...reads.slice(1).map((time, n) => time - (reads[n] ?? 0)))).toBeLessThanOrEqual(
    defaultTimings.missingEvery / 1000 + 10,
  );
});

test("a user who is found but whose role PIM does not end is read every ten seconds", async () => {
  const counted = createReads(() => true);
  counted.world.show(role);
  await counted.run(3600);
  expect(within(counted.reads, 1800, 3600)).toBeGreaterThan(170);
});

test("a restored user is seen again within ten minutes, and signed out when the role ends", async () => {
  const counted = createReads(() => true);
  const { world, reads } = counted;
  world.show(role);
  await counted.run(30);
  remove(world);
  await counted.run(until);
  const before = reads.length;
  world.shown.user = { id: jane, external: false, restricted: false, sessionsValidFrom: null };
  world.shown.directory = [directoryRow(role)];
  await counted.run(until + 620);
  expect(reads.length).toBeGreaterThan(before);
  expect(world.outcomes()).toEqual([]);
  const seen = reads.length;
  await counted.run(until + 680);
  expect(reads.length - seen).toBeGreaterThanOrEqual(5);
  world.show();
  await counted.run(until + 720);
  expect(world.outcomes()).toEqual(["revoked"]);
});

test("a user who is restored and activates a role again is read at once", async () => {
  const counted = createReads(() => counted.world.shown.user !== null);
  const { world, reads } = counted;
  world.show(role);
  await counted.run(30);
  remove(world);
  await counted.run(until);
  const before = reads.length;
  world.shown.user = { id: jane, external: false, restricted: false, sessionsValidFrom: null };
  world.show(activation({ startDateTime: isoAt(until), endDateTime: isoAt(until + 3600) }));
  await counted.run(until + 20);
  expect(reads.length).toBeGreaterThan(before);
});
