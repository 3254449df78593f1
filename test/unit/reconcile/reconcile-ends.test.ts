import { describe, expect, test } from "vitest";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { activation, createFakeWorld, directoryRow, jane } from "../../fixtures/fake-world.ts";
import { play } from "../../fixtures/play.ts";
import { aHolding, aRoleAuditEnd, aState, at, isoAt, permanent } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

/** The reported ends in order: what ended, when it was found, and its outcome. */
const revokes = (world: ReturnType<typeof createFakeWorld>) => world.shown.revokedAt;

describe("a planned end", () => {
  test.each([
    { first: "the instances", instancesAt: at(61.2), directoryAt: at(63.7) },
    { first: "the directory", instancesAt: at(63.7), directoryAt: at(61.2) },
  ])("is cut once both have lost the role, $first first", async ({ instancesAt, directoryAt }) => {
    const world = createFakeWorld();
    world.show(activation());
    world.showFrom(instancesAt, { instances: [] });
    world.showFrom(directoryAt, { directory: [] });
    await play(world, 3600);
    expect(revokes(world)).toHaveLength(1);
    expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(63.7));
    expect(revokes(world)[0]).toBeLessThan(at(64.7));
    expect(world.outcomes()).toEqual(["revoked"]);
  });

  test("that Graph carries out minutes late is raised once, and cut when it has come", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.when(at(400), () => world.show());
    await play(world, 3600);
    expect(world.recordedNames().filter((name) => name === "removalOverdue")).toHaveLength(1);
    expect(revokes(world)).toHaveLength(1);
    expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(400));
    expect(revokes(world)[0]).toBeLessThan(at(412));
  });

  test("that a stale replica denies for a moment is cut only when it is really over", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.when(at(61.2), () => world.show());
    world.when(at(61.4), () => world.show(activation()));
    world.when(at(70), () => world.show());
    await play(world, 3600);
    expect(revokes(world)).toHaveLength(1);
  });

  test("that was extended comes later", async () => {
    const world = createFakeWorld();
    world.show(activation());
    world.when(at(40), () => world.show(activation({ endDateTime: isoAt(1800) })));
    world.when(at(1801), () => world.show());
    await play(world, 7200);
    expect(revokes(world)).toHaveLength(1);
    expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(1801));
    expect(revokes(world)[0]).toBeLessThan(at(1802));
    expect(world.recordedNames()).toContain("endMoved");
  });

  test("weeks away is reached in hops of six days", async () => {
    const days = (count: number) => count * 86_400;
    const world = createFakeWorld();
    world.show(activation({ endDateTime: isoAt(days(20)) }));
    world.when(at(days(20) + 1), () => world.show());
    await play(world, days(21));
    expect(revokes(world)).toHaveLength(1);
    expect(revokes(world)[0]).toBeLessThan(at(days(20) + 2));
    expect(world.outcomes()).toEqual(["revoked"]);
  });
});

test("an end that the audit log reports and that ended nothing leaves nothing open", async () => {
  const world = createFakeWorld();
  const reported = { auditEnds: [aRoleAuditEnd({ at: at(-900), foundAt: at(-600) })], openSince: at(-600) };
  world.show(permanent());
  await storePrincipal(world.principals, aState({ holdings: [aHolding({ sources: [] })], head: reported }));
  await play(world, 600);
  expect(world.outcomes()).toEqual([]);
  const { head } = (await loadPrincipal(world.principals, jane)).state;
  expect([head.auditEnds, head.openSince]).toEqual([undefined, null]);
});

test("a role removed before its time is cut after a second absence, counted from the first", async () => {
  const world = createFakeWorld();
  world.show(activation({ endDateTime: isoAt(36_000) }));
  await play(world, 600);
  world.show();
  world.goTo(at(601));
  await play(world, 3600);
  expect(revokes(world)).toHaveLength(1);
  expect(revokes(world)[0]).toBeGreaterThanOrEqual(at(607));
  expect(revokes(world)[0]).toBeLessThan(at(609));
  const [ended] = world.recorded.filter(({ name }) => name === "ended");
  expect(ended?.properties).toMatchObject({ end: "unknown", cutOff: new Date(at(601)).toISOString() });
});

test("one replica's moment of absence is no end", async () => {
  const world = createFakeWorld();
  world.show(activation({ endDateTime: isoAt(36_000) }));
  await play(world, 600);
  world.show();
  world.when(at(602), () => world.show(activation({ endDateTime: isoAt(36_000) })));
  await play(world, 3600);
  expect(revokes(world)).toEqual([]);
  expect(world.outcomes()).toEqual([]);
});

test("a first run notes what it finds, a role that ended before it included, and revokes nothing for that", async () => {
  const world = createFakeWorld();
  world.shown.directory = [directoryRow(activation())];
  await play(world, 300);
  expect(world.outcomes()).toEqual([]);
  expect(revokes(world)).toEqual([]);
});
