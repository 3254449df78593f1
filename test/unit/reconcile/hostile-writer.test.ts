import { describe, expect, test } from "vitest";
import type { RoleInstance } from "../../../shared/graph/graph.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { resync } from "../../../shared/reconcile/resync.ts";
import type { Row } from "../../../shared/storage/table.ts";
import { deliver } from "../../fixtures/deliver.ts";
import { activation, directoryRow, type FakeWorld, jane } from "../../fixtures/fake-world.ts";
import { aHolding, aRevocation, aSource, at, isoAt, janesKey, permanent } from "../../fixtures/principal-builders.ts";
import { createSealedWorld } from "../../fixtures/sealed-world.ts";

const omar = "0a1b2c3d-0000-4000-8000-000000000002";
const omars = (over: Partial<RoleInstance> = {}) =>
  activation({ principalId: omar, roleAssignmentScheduleId: "61998d6f-0000-4000-8000-000000000002", ...over });

/** In form like one of ours. */
const seal = `${at(0)}.${"A".repeat(43)}`;

const pass = (world: FakeWorld, principalId = jane) =>
  reconcile({ principalId, because: "resync", tries: 0 }, world.dependencies);
const forged = (world: FakeWorld) =>
  world.recorded.filter(({ name }) => name === "rowForged").map((recorded) => recorded.properties);
const stateOf = async (world: FakeWorld, id = jane) => (await loadPrincipal(world.principals, id)).state;

/** From a second after the end of `activation()` on Graph shows only these. */
const endsWith = (world: FakeWorld, ...rows: readonly RoleInstance[]) =>
  world.showFrom(at(61.5), { instances: rows, directory: rows.map(directoryRow) });

/** An hour in which every principal gets a pass again and again. */
async function anHour(world: FakeWorld, from: number): Promise<void> {
  for (let minutes = 0; minutes <= 60; minutes += 5) {
    world.goTo(at(from + minutes * 60));
    await resync({ ...world.dependencies, resyncEvery: 10_000 });
    await deliver(world, at(from + minutes * 60 + 240));
  }
}

describe("a writer to storage who does not have the key", () => {
  test("makes nobody lose a role: a forged holding, pending revocation and head are raised and removed", async () => {
    const { world, attacker } = createSealedWorld();
    world.show(permanent());
    await pass(world);
    const ended = { ...aHolding(), key: "61998d6f-0000-4000-8000-000000000009|x|0" };
    const head = { kind: "user", listed: [], wakeAt: 1, openSince: 1, unreadable: null };
    await attacker.put(jane, `holding|${ended.key}`, { schema: 1, ...ended, seal });
    await attacker.put(jane, `revocation|${janesKey}`, { schema: 1, ...aRevocation({ roleDefinitionId: "x" }), seal });
    await attacker.put(jane, "head", { schema: 1, ...head, seal });
    await attacker.put(jane, "anything", "at all");
    await anHour(world, 70);
    expect(world.shown.revoked).toEqual([]);
    expect(world.outcomes()).toEqual([]);
    expect(new Set(forged(world).map(({ row }) => row))).toEqual(
      new Set(["head", "anything", `holding|${ended.key}`, `revocation|${janesKey}`]),
    );
    expect((await attacker.rowsOf(jane)).map(({ row }) => row)).toEqual(["head", expect.stringMatching(/^holding/)]);
    expect((await stateOf(world)).holdings.size).toBe(1);
  });

  test("changes no row: a holding that they edited is held anew, and its real end is found", async () => {
    const { world, attacker } = createSealedWorld();
    world.show(activation({ endDateTime: isoAt(3 * 3600) }));
    await pass(world);
    const [holding] = (await attacker.rowsOf(jane)).filter(({ row }) => row.startsWith("holding|"));
    if (typeof holding?.content !== "object") throw new Error("Jane holds a role.");
    const other = {
      key: "another",
      roleDefinitionId: "another",
      sources: [aSource({ end: isoAt(1), listedEnd: isoAt(1) })],
    };
    await attacker.put(jane, holding.row, { ...holding.content, ...other });
    await pass(world);
    await anHour(world, 70);
    expect(world.shown.revoked).toEqual([]);
    world.showFrom(at(3 * 3600 + 1), { instances: [], directory: [] });
    await anHour(world, 2.5 * 3600);
    expect(world.shown.revoked).toEqual([jane]);
  });

  test("moves no row to another principal, and none to another row", async () => {
    const { world, attacker } = createSealedWorld();
    await world.dependencies.control.stop();
    world.show(omars());
    await pass(world, omar);
    await pass(world);
    endsWith(world);
    await deliver(world, at(70));
    const rows = await attacker.rowsOf(omar);
    expect(rows.some(({ row }) => row.startsWith("revocation|"))).toBe(true);
    await attacker.restore(rows, jane);
    await (await world.dependencies.control.prepareLift())();
    await anHour(world, 80);
    expect(world.shown.revoked).toEqual([omar]);
    expect(forged(world).every(({ seal, partition }) => seal === "broken" && partition === jane)).toBe(true);
  });

  test.each([
    ["as it was before the end", async (rows: readonly Row[]) => rows],
    ["only its holding", async (rows: readonly Row[]) => rows.filter(({ row }) => row.startsWith("holding|"))],
  ])("puts back no principal, %s: nobody is cut a second time for the same end", async (_, choose) => {
    const { world, attacker } = createSealedWorld();
    world.show(activation());
    await pass(world);
    const before = await choose(await attacker.rowsOf(jane));
    endsWith(world);
    await deliver(world, at(120));
    expect(world.shown.revoked).toEqual([jane]);
    world.goTo(at(1800));
    await attacker.restore(before);
    await pass(world);
    await anHour(world, 1810);
    expect(world.shown.revoked).toEqual([jane]);
    expect(forged(world).some(({ seal }) => seal === "replayed")).toBe(true);
  });

  test("puts back no pending revocation that policy had closed", async () => {
    const { world, attacker } = createSealedWorld();
    await world.dependencies.control.stop();
    world.show(activation());
    await pass(world);
    endsWith(world);
    await deliver(world, at(70));
    const rows = await attacker.rowsOf(jane);
    const excluded = { ...world.dependencies, policy: { ...world.dependencies.policy, excluded: new Set([jane]) } };
    await deliver(world, at(300), excluded);
    expect(world.outcomes()).toEqual(["excluded"]);
    await (await world.dependencies.control.prepareLift())();
    await attacker.restore(rows);
    await anHour(world, 310);
    expect(world.shown.revoked).toEqual([]);
  });

  test("ends no lease: without the attempt, and without the head, a call under way is waited for", async () => {
    for (const prefix of ["attempt", "head"]) {
      const { world, attacker } = createSealedWorld();
      world.show(activation());
      await pass(world);
      endsWith(world);
      const calls: number[] = [];
      // The host dies in the call, and nobody knows what came of it.
      world.shown.revoke = async () => {
        calls.push(world.clock.now());
        if (calls.length === 1) throw new Error("the host died here");
      };
      await expect(deliver(world, at(120))).rejects.toThrow("died");
      await attacker.remove(jane, prefix);
      if (prefix === "head") await attacker.remove(jane, "attempt");
      const died = world.clock.now();
      for (let seconds = 1; seconds < 200; seconds += 5) {
        world.goTo(Math.max(world.clock.now(), died + seconds * 1000));
        await pass(world);
      }
      expect(calls.length).toBeGreaterThan(1);
      expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThan(70_000);
    }
  });

  test("lifts no stop by changing it, and an operator can", async () => {
    const { world, raw, attacker } = createSealedWorld();
    await world.dependencies.control.stop();
    await attacker.of(raw.state).put("control", "stop", { schema: 1, stopped: false, seal });
    expect(await world.dependencies.control.read()).toMatchObject({ stopped: true });
    await (await world.dependencies.control.prepareLift())();
    expect(await world.dependencies.control.read()).toMatchObject({ stopped: false });
  });

  test("makes no room below the threshold by changing the count", async () => {
    const { world, raw, attacker } = createSealedWorld({ planned: 1, unplanned: 1 });
    world.show(activation());
    await pass(world);
    world.show();
    await attacker.of(raw.state).put("threshold", "planned", { schema: 1, users: [], raisedAt: null, seal });
    await attacker.of(raw.state).put("threshold", "unplanned", { schema: 1, users: [], raisedAt: null, seal });
    await deliver(world, at(120));
    expect(world.shown.revoked).toEqual([]);
    expect((await stateOf(world)).head.held).toBe(1);
  });

  test("takes everything away: everybody gets new holdings, nobody is cut for what was forgotten, the next end is found", async () => {
    const { world, raw, attacker } = createSealedWorld();
    world.show(activation(), permanent({ principalId: omar }));
    await pass(world);
    await pass(world, omar);
    for (const partition of [jane, omar]) await attacker.remove(partition);
    for (const partition of ["resync", "control", "threshold"]) await attacker.of(raw.state).remove(partition);
    world.show(permanent({ principalId: omar }));
    await anHour(world, 70);
    expect(world.shown.revoked).toEqual([]);
    world.show();
    await anHour(world, 4000);
    expect(world.shown.revoked).toEqual([omar]);
  });

  test("stops nothing for good by forging what all share", async () => {
    const { world, raw, attacker } = createSealedWorld();
    const shared = attacker.of(raw.state);
    world.show(activation());
    await pass(world);
    for (const [partition, row] of [
      ["resync", "last"],
      ["resync", "heartbeat"],
      ["massExpiry", isoAt(60)],
      ["control", "throttle"],
      ["deadLetters", jane],
    ] as const) {
      await shared.put(partition, row, { schema: 1 });
    }
    world.queue.purge();
    world.show();
    await anHour(world, 70);
    expect(world.shown.revoked).toEqual([jane]);
  });
});
