import { expect, test } from "vitest";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import type { PolicySettings } from "../../../shared/settings/settings.ts";
import { activation, createFakeWorld, enforceAll, jane } from "../../fixtures/fake-world.ts";
import { createEndedWorld, play, resynced } from "../../fixtures/play.ts";
import { at, aUser, isoAt } from "../../fixtures/principal-builders.ts";

test.each<{ why: string; policy: Partial<PolicySettings>; outcome: string }>([
  { why: "in mode reportOnly", policy: { mode: "reportOnly" }, outcome: "reportOnly" },
  { why: "when excluded", policy: { excluded: new Set([jane]) }, outcome: "excluded" },
  { why: "when others are included", policy: { included: new Set(["another"]) }, outcome: "outOfScope" },
])("$why the outcome is $outcome and no call is made", async ({ policy, outcome }) => {
  const world = await createEndedWorld({ policy: { ...enforceAll, ...policy } });
  await play(world, 3600);
  expect(world.outcomes()).toEqual([outcome]);
  expect(world.shown.revokedAt).toEqual([]);
  expect(world.queue.peekAll()).toEqual([]);
});

test("a guest is cut like anybody, since every mark of a guest can be changed, and is never said to be revoked", async () => {
  const world = await createEndedWorld();
  world.shown.user = aUser({ external: true });
  await play(world, 3600);
  expect(world.outcomes()).toEqual(["notEnforceable"]);
  expect(world.shown.revokedAt).toHaveLength(1);
});

test("a service principal, which Graph never knew as a user, is not enforceable", async () => {
  const world = createFakeWorld();
  world.show(activation());
  world.shown.user = null;
  world.when(at(61), () => world.show());
  await play(world, 3600);
  expect(world.outcomes()).toEqual(["notEnforceable"]);
});

test("a user who was deleted is gone, after two answers a minute apart", async () => {
  const world = createFakeWorld();
  world.show(activation());
  world.when(at(61), () => {
    world.show();
    world.shown.user = null;
  });
  await play(world, 3600);
  expect(world.outcomes()).toEqual(["principalGone"]);
  expect(world.shown.revokedAt).toEqual([]);
});

test("sessions that an administrator revoked after the end need no call", async () => {
  const world = await createEndedWorld();
  world.shown.user = aUser({ sessionsValidFrom: at(61) });
  world.showFrom(at(62.1), { user: aUser({ sessionsValidFrom: at(62) }) });
  await world.dependencies.control.stop();
  await play(world, 200);
  expect(world.outcomes()).toEqual(["alreadySatisfied"]);
  expect(world.shown.revokedAt).toEqual([]);
});

test("sessions revoked in the second of the cut-off, but before the first absence, do need one", async () => {
  const world = await createEndedWorld();
  world.shown.user = aUser({ sessionsValidFrom: at(62) });
  await play(world, 3600);
  expect(world.shown.revokedAt).toHaveLength(1);
});

test("an end found after the longest life of a token is recorded, not revoked", async () => {
  const world = await createEndedWorld();
  world.goTo(at(61 + 28 * 3600));
  await play(world, 30 * 3600);
  expect(world.outcomes()).toEqual(["stale"]);
  expect(world.shown.revokedAt).toEqual([]);
});

test("an end found after a day without the app is revoked at once", async () => {
  const world = await createEndedWorld();
  world.goTo(at(24 * 3600));
  await play(world, 25 * 3600);
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(world.shown.revokedAt).toEqual([at(24 * 3600)]);
});

test.each(["setting", "operator"])("the emergency stop by %s keeps everything until it is lifted", async (who) => {
  const world = await createEndedWorld();
  const stopped = { ...world.dependencies, policy: { ...enforceAll, stopped: who === "setting" } };
  if (who === "operator") await world.dependencies.control.stop();
  await reconcile(resynced, stopped);
  expect(world.outcomes()).toEqual([]);
  await (await world.dependencies.control.prepareLift())();
  await play(world, 3600);
  expect(world.outcomes()).toEqual(["revoked"]);
  expect(world.shown.revokedAt).toHaveLength(1);
});

test("a stop that nobody lifts ends as stale", async () => {
  const world = await createEndedWorld();
  await world.dependencies.control.stop();
  await play(world, 29 * 3600);
  expect(world.outcomes()).toEqual(["stale"]);
  expect(world.shown.revokedAt).toEqual([]);
});

test("several privileges that end together are one revoke and an outcome each", async () => {
  const world = createFakeWorld();
  const roles = ["one", "two", "three"].map((id) =>
    activation({ roleDefinitionId: id, roleAssignmentScheduleId: id, endDateTime: isoAt(60) }),
  );
  world.show(...roles);
  world.when(at(61), () => world.show());
  await play(world, 3600);
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.outcomes()).toEqual(["revoked", "revoked", "revoked"]);
});

test.each([
  { lateExemptions: "ignore", outcome: "revoked", alarms: 1 },
  { lateExemptions: "honour", outcome: "excluded", alarms: 0 },
] as const)("a user who exempts themselves while holding a role: $lateExemptions, $outcome", async (given) => {
  const { lateExemptions, outcome, alarms } = given;
  const scope = async () => {
    const excluded = {
      ids: new Set([jane]),
      joined: new Map([[jane, at(30)]]),
      doubtful: new Set<string>(),
      complete: true,
    };
    return { included: "all" as const, excluded: [excluded], problems: [] };
  };
  const world = await createEndedWorld({ policy: { ...enforceAll, lateExemptions }, scope });
  await play(world, 3600);
  expect(world.outcomes()).toEqual([outcome]);
  expect(world.recordedNames().filter((name) => name === "exemptionIgnored")).toHaveLength(alarms);
});

test("whom the policy spares is read immediately before the call", async () => {
  const world = await createEndedWorld();
  const readAt: number[] = [];
  const scope = async () => {
    readAt.push(world.clock.now());
    const excluded = { ids: new Set([jane]), joined: new Map(), doubtful: new Set<string>(), complete: true };
    return { included: "all" as const, excluded: [excluded], problems: [] };
  };
  await reconcile(resynced, { ...world.dependencies, scope });
  expect(world.outcomes()).toEqual(["excluded"]);
  expect(readAt).toHaveLength(1);
  expect(world.shown.revokedAt).toEqual([]);
});
