import { describe, expect, test } from "vitest";
import { activation, createFakeWorld } from "../../fixtures/fake-world.ts";
import { play } from "../../fixtures/play.ts";
import { aPath, at, isoAt, oneUnit, permanent } from "../../fixtures/principal-builders.ts";

/** The times of the calls. */
const revokes = (world: ReturnType<typeof createFakeWorld>) => world.shown.revokedAt;

describe("a role held another way", () => {
  test("by an overlapping assignment: nothing is lost until that ends, too", async () => {
    const world = createFakeWorld();
    const other = permanent({ endDateTime: isoAt(600) });
    world.show(activation(), other);
    world.when(at(61), () => world.show(other));
    world.when(at(601), () => world.show());
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(revokes(world)).toHaveLength(1);
    expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(601));
  });

  test("in a wider scope covers a unit, never the reverse", async () => {
    const inUnit = activation({ ...oneUnit, roleAssignmentScheduleId: "unit" });
    const world = createFakeWorld();
    world.show(inUnit, permanent());
    world.when(at(61), () => world.show(permanent()));
    await play(world, 600);
    expect(world.outcomes()).toEqual(["stillHeld"]);

    const reverse = createFakeWorld();
    reverse.show(activation(), permanent(oneUnit));
    reverse.when(at(61), () => reverse.show(permanent(oneUnit)));
    await play(reverse, 600);
    expect(reverse.outcomes()).toEqual(["revoked"]);
  });

  test("by a group: nothing is lost until the user leaves it or the group loses the role", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.shown.paths = [aPath()];
    world.when(at(61), () => world.show());
    world.showFrom(at(1000), { paths: [] });
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(revokes(world)).toHaveLength(1);
    expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(1006));
    expect(revokes(world)[0]).toBeLessThan(at(1080));
  });

  test("by a group that is read only now, because the user was not found when the role was lost", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.shown.paths = [aPath()];
    const user = world.shown.user;
    world.when(at(61), () => {
      world.show();
      world.shown.user = null;
    });
    world.showFrom(at(70), { user: user });
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["stillHeld"]);
    expect(revokes(world)).toEqual([]);
  });

  test("by the directory alone: it is lost when that drops it, too", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.showFrom(at(61), { instances: [] });
    world.showFrom(at(3000), { directory: [] });
    await play(world, 2000);
    expect(world.outcomes()).toEqual([]);
    await play(world, 7200);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(3006));
    expect(revokes(world)[0]).toBeLessThan(at(3080));
  });
});

describe("a role activated again", () => {
  const again = activation({ roleAssignmentScheduleId: "again", startDateTime: isoAt(61), endDateTime: isoAt(600) });

  test("while it was held is lost once, at the end of the new activation", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.when(at(61), () => world.show(again));
    world.when(at(601), () => world.show());
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(revokes(world)).toHaveLength(1);
    expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(601));
  });

  test("after it was lost, and before that could be revoked, is still held: the new session is not cut before its own end", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.when(at(61), () => world.show());
    await world.dependencies.control.stop();
    await play(world, 70);
    world.show({ ...again, startDateTime: isoAt(65) });
    await play(world, 80);
    expect(world.outcomes()).toEqual(["stillHeld"]);
    await (await world.dependencies.control.prepareLift())();
    world.when(at(601), () => world.show());
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["stillHeld", "revoked"]);
    expect(revokes(world)).toHaveLength(1);
    expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(601));
  });

  test("after it was cut, and ended again, is another loss, though the instance is the same", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.when(at(61), () => world.show());
    world.when(at(300), () => world.show(activation({ startDateTime: isoAt(290), endDateTime: isoAt(900) })));
    world.when(at(901), () => world.show());
    await play(world, 310);
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked", "revoked"]);
  });
});

describe("a stale row", () => {
  test("shown by a lagging replica after the end causes nothing", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.when(at(61), () => world.show());
    await play(world, 300);
    world.when(at(301), () => world.show(activation()));
    world.when(at(320), () => world.show());
    world.goTo(at(301));
    await play(world, 310);
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked"]);
    expect(revokes(world)).toHaveLength(1);
  });

  test("shown for more than five minutes is held again, and lost again", async () => {
    const world = createFakeWorld();
    const assigned = permanent();
    world.show(assigned);
    await play(world, 600);
    world.show();
    await play(world, 1000);
    world.show(assigned);
    await play(world, 2000);
    world.show();
    await play(world, 3600);
    expect(world.outcomes()).toEqual(["revoked", "revoked"]);
  });
});
