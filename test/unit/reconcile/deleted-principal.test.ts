import { describe, expect, test } from "vitest";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import type { CoreDependencies, WatchedGroups } from "../../../shared/reconcile/dependencies.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { resync } from "../../../shared/reconcile/resync.ts";
import { deliver } from "../../fixtures/deliver.ts";
import { activation, createFakeWorld, directoryRow, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupAccess, groupRole, member } from "../../fixtures/group-world.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";

const hours = 3;
const until = hours * 3600;

/** Runs a resync every ten seconds and what it sends, until so many seconds after the start. */
async function runIn(
  world: Pick<FakeWorld, "clock" | "goTo" | "queue" | "dependencies">,
  seconds: number,
  using: CoreDependencies,
) {
  for (let time = world.clock.now(); time < at(seconds); time += 10_000) {
    world.goTo(Math.max(time, world.clock.now()));
    await resync({ ...using, resyncEvery: 10_000 });
    await deliver(world, time + 10_000, using);
  }
}

/** Notes when Jane is read; seconds after the start. `own`: whether her own reading shows the rows that the whole list shows. */
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
  const dependencies = { ...world.dependencies, graph: counting };
  return { world, reads, run: (seconds: number) => runIn(world, seconds, dependencies) };
}

/** The same for a group: when its roles and when its members are read. */
function createGroupWatch(own: () => boolean, watched: WatchedGroups = "auto") {
  const world = createGroupWorld();
  const { graph, groups } = world.dependencies;
  if (groups === undefined) throw new Error("This world has groups.");
  const reads: number[] = [];
  const note = (id: string) => {
    if (id === admins) reads.push((world.clock.now() - at(0)) / 1000);
  };
  const dependencies: CoreDependencies = {
    ...world.dependencies,
    graph: {
      ...graph,
      readPrincipal: async (id) => {
        note(id);
        const reading = await graph.readPrincipal(id);
        const { instances, directory, user } = reading.value;
        const isThere = id !== admins || world.shown.members.has(admins);
        // The directory drops a deleted group at once.
        const value = { user, instances: own() ? instances : [], directory: isThere ? directory : [] };
        return { ...reading, value };
      },
    },
    groups: {
      ...groups,
      watched,
      graph: {
        ...groups.graph,
        readHolders: (id) => {
          note(id);
          return groups.graph.readHolders(id);
        },
      },
    },
  };
  const three = [member(1), member(2), member(3)];
  world.shown.roles = [groupRole({ endDateTime: isoAt(60) })];
  world.shown.members.set(admins, three);
  return {
    world,
    reads,
    run: (seconds: number) => runIn(world, seconds, dependencies),
    remove: () => world.shown.members.delete(admins),
    restore: () => world.shown.members.set(admins, three),
    /** Graph reports a change of the group. */
    notify: () => reconcile({ principalId: admins, because: "notification", tries: 0, confirms: admins }, dependencies),
  };
}

const role = activation({ endDateTime: isoAt(60) });
/** The directory drops a deleted principal at once, PIM's list does not. */
function remove(world: FakeWorld): void {
  world.shown.user = null;
  world.shown.directory = [];
}
const within = (reads: readonly number[], from: number, to: number) => reads.filter((s) => s >= from && s < to).length;
const perQuarter = (reads: readonly number[]) =>
  Array.from({ length: hours * 4 }, (_, n) => within(reads, n * 900, (n + 1) * 900));

const lists = [
  { name: "that names them in their own reading", own: true },
  { name: "that names them in the whole list only", own: false },
];

test.each(lists)("a deleted user is read less and less often, in spite of a list $name", async ({ own }) => {
  const counted = createReads(() => own || counted.world.shown.user !== null);
  const { world, reads } = counted;
  world.show(role);
  await counted.run(30);
  remove(world);
  await counted.run(until);
  const [first, ...later] = perQuarter(reads);
  expect(first).toBeLessThan(100);
  expect(Math.max(...later)).toBeLessThanOrEqual(2);
  expect(within(reads, 900, until)).toBeLessThan(20);
  expect(Math.max(...reads.slice(1).map((time, n) => time - (reads[n] ?? 0)))).toBeLessThanOrEqual(
    defaultTimings.missingEvery / 1000 + 10,
  );
});

test.each(lists)("so is a principal that was deleted before it was first seen, $name", async ({ own }) => {
  const counted = createReads(() => own);
  const { world, reads } = counted;
  world.show(role);
  remove(world);
  await counted.run(until);
  const [first, ...later] = perQuarter(reads);
  expect(first).toBeLessThan(100);
  expect(Math.max(...later)).toBeLessThanOrEqual(2);
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

describe("a deleted group", () => {
  test.each([
    { name: "names its role in its own reading", own: true, access: false },
    { name: "names its role in the whole list only", own: false, access: false },
    { name: "names its members, too", own: true, access: true },
  ])("is read less and less often, in spite of a list that $name", async ({ own, access }) => {
    const counted = createGroupWatch(() => own || counted.world.shown.members.has(admins));
    const { world, reads } = counted;
    if (access) world.shown.access = [groupAccess(member(1), { endDateTime: isoAt(60) })];
    await counted.run(30);
    counted.remove();
    await counted.run(until);
    const [, ...later] = perQuarter(reads);
    expect(within(reads, 120, 900)).toBeLessThan(40);
    expect(Math.max(...later)).toBeLessThanOrEqual(6);
  });

  test("is read less and less often although WATCHED_GROUPS does not name it", async () => {
    const counted = createGroupWatch(() => true, new Set());
    await counted.run(30);
    counted.remove();
    await counted.run(until);
    expect(Math.max(...perQuarter(counted.reads).slice(1))).toBeLessThanOrEqual(2);
  });

  test("is read less and less often when no list names it any more", async () => {
    const { world, run, remove: removeGroup, reads } = createGroupWatch(() => true);
    await run(30);
    removeGroup();
    world.shown.roles = [];
    await run(until);
    expect(Math.max(...perQuarter(reads).slice(1))).toBeLessThanOrEqual(6);
    expect(world.revoked).toHaveLength(3);
  });

  /** A group that was deleted for hours and is restored now: its members hold the role again. */
  async function restored() {
    const counted = createGroupWatch(() => true);
    await counted.run(30);
    counted.remove();
    await counted.run(until);
    counted.restore();
    return { ...counted, memberships: async () => [...(await counted.world.stateOf()).members.values()] };
  }

  test("has its members read again within ten minutes when it is restored, and then as often as any other", async () => {
    const { run, reads, memberships } = await restored();
    await run(until + 610);
    expect((await memberships()).filter(({ left }) => left === null)).toHaveLength(3);
    const before = reads.length;
    await run(until + 670);
    expect(reads.length - before).toBeGreaterThanOrEqual(10);
  });

  test("has its members read at once when Graph reports that it is restored", async () => {
    const { notify, memberships } = await restored();
    await notify();
    expect((await memberships()).filter(({ left }) => left?.shownSince === null)).toEqual([]);
  });

  test("is no later noticed to lose its role after it is restored than any other group", async () => {
    const { run, world } = await restored();
    const before = world.revoked.length;
    await run(until + 20);
    world.shown.roles = [];
    await run(until + 60);
    expect(
      world.revoked
        .slice(before)
        .map(({ userId }) => userId)
        .toSorted(),
    ).toEqual([member(1), member(2), member(3)]);
  });
});
