import { describe, expect, test } from "vitest";
import { overlap } from "../../shared/audit-log/catch-up.ts";
import { judgeAgain } from "../../shared/audit-log/read-again.ts";
import { createAuditMemory } from "../../shared/audit-log/take-in.ts";
import type { RoleInstance } from "../../shared/graph/graph.ts";
import type { HeadMemory } from "../../shared/reconcile/known-heads.ts";
import { reconcile } from "../../shared/reconcile/reconcile.ts";
import { resync } from "../../shared/reconcile/resync.ts";
import type { Table } from "../../shared/storage/table.ts";
import { createAuditWorld } from "../fixtures/audit/audit-world.ts";
import { activation, directoryRow, jane } from "../fixtures/fake-world.ts";
import { at, isoAt } from "../fixtures/principal-builders.ts";
import { createSealedWorld } from "../fixtures/sealed-world.ts";

/** Resync every ten seconds, audit log every thirty, and a writer to storage who removes Jane's rows as soon as they are written, while `attack.on`. */
function createAttack() {
  const { world, raw, attacker } = createSealedWorld();
  const attack = { on: false };
  const principals: Table = {
    ...world.principals,
    async commit(partition, operations) {
      const written = await world.principals.commit(partition, operations);
      if (attack.on) await attacker.remove(jane);
      return written;
    },
  };
  const audits = createAuditWorld([], { ...world, dependencies: { ...world.dependencies, principals } });
  const memory = (): HeadMemory => ({ known: [], heads: new Map() });
  const process = () => ({ headMemory: memory(), memory: createAuditMemory(new Set(), 2 * overlap) });
  const dependencies = { ...audits.dependencies, resyncEvery: 10_000, ...process() };
  let now = 0;
  const until = async (seconds: number) => {
    for (; now < seconds; now += 10) {
      world.goTo(Math.max(at(now), world.clock.now()));
      if (attack.on) await attacker.remove(jane);
      await resync(dependencies);
      await judgeAgain(dependencies);
      if (now % 30 === 0) await audits.readAt(now, dependencies);
      await audits.deliver(now + 10);
    }
  };
  const endsWith = (...rows: readonly RoleInstance[]) =>
    world.showFrom(at(61.5), { instances: rows, directory: rows.map(directoryRow) });
  const vanished = () =>
    world.recorded.filter(({ name }) => name === "rowsVanished").map(({ properties }) => properties);
  return {
    world,
    attack,
    until,
    endsWith,
    vanished,
    writeEnd: audits.writeEnd,
    remove: attacker.remove,
    async spoil(prefix: string) {
      const rows = (await attacker.rowsOf(jane)).filter(({ row }) => row.startsWith(prefix));
      expect(rows.length).toBeGreaterThan(0);
      for (const { row } of rows) await attacker.put(jane, row, { schema: 1 });
    },
    /** A new process, which remembers nothing. */
    restart: () => Object.assign(dependencies, process()),
    pass: () => reconcile({ principalId: jane, because: "resync", tries: 0 }, dependencies),
    state: attacker.of(raw.state),
  };
}

test("deleting one person's rows around an end pardons nobody: it is raised once, and the end is cut after all", async () => {
  const { world, attack, until, endsWith, vanished, writeEnd } = createAttack();
  world.show(activation());
  endsWith();
  // The worst case: the rows of the audit log come while the attack goes on, and are not read a second time.
  writeEnd(61, 5000);
  await until(50);
  attack.on = true;
  await until(100);
  attack.on = false;
  await until(300);
  expect(vanished()).toEqual([{ principalId: jane, principals: 1 }]);
  expect(world.shown.revoked).toEqual([jane]);
  expect(world.outcomes()).toEqual(["revoked"]);
  const settled = world.recorded.length;
  await until(5000);
  expect(world.shown.revoked).toEqual([jane]);
  expect(world.recorded.slice(settled).filter(({ name }) => name === "rowsVanished")).toEqual([]);
});

test("deleting rows cuts nobody who still holds the role, at whatever scope, nor twice for one end", async () => {
  const { world, attack, until, vanished, writeEnd } = createAttack();
  const unit = { directoryScopeId: "/administrativeUnits/0a1b2c3d-0000-4000-8000-0000000000aa" };
  const other = {
    ...unit,
    roleAssignmentScheduleId: "61998d6f-0000-4000-8000-000000000009",
    endDateTime: isoAt(36_000),
  };
  world.show(activation(unit), activation(other));
  world.showFrom(at(61.5), { instances: [activation(other)], directory: [directoryRow(activation(other))] });
  writeEnd(61, 5000);
  await until(150);
  attack.on = true;
  await until(170);
  attack.on = false;
  await until(600);
  expect(vanished()).toHaveLength(1);
  expect(world.shown.revoked).toEqual([]);
});

test("an end that was cut before its rows were deleted is not cut again", async () => {
  const { world, attack, until, endsWith, writeEnd } = createAttack();
  world.show(activation());
  endsWith();
  writeEnd(61, 5000);
  await until(80);
  expect(world.shown.revoked).toEqual([jane]);
  attack.on = true;
  world.show(
    activation({
      startDateTime: isoAt(90),
      endDateTime: isoAt(9000),
      roleAssignmentScheduleId: "61998d6f-0000-4000-8000-000000000008",
    }),
  );
  await until(120);
  attack.on = false;
  await until(600);
  expect(world.shown.revoked).toEqual([jane]);
});

test.each(["heads", "resync"])("deleting the app's own memory of them is raised: %s", async (partition) => {
  const { world, until, vanished, state } = createAttack();
  world.show(activation({ endDateTime: isoAt(9000) }));
  await until(30);
  await state.remove(partition);
  await until(60);
  expect(vanished()).toEqual([{ partition, principals: 1 }]);
});

/** Around the end of Jane's role: her rows go, with the app's memory of whom it watches. */
const strikes: readonly [string, readonly string[], readonly string[]][] = [
  ["the list of heads", ["heads"], ["heads", jane]],
  ["the list of heads and the resync's record", ["heads", "resync"], ["heads", jane]],
  [
    "the list of heads, the resync's record and how far the audit log was read",
    ["heads", "resync", "audit"],
    ["heads", jane, "audit"],
  ],
];

describe.each(strikes)("deleting everything of one person, with %s", (_, partitions, raised) => {
  test.each([
    ["before", 50],
    ["after", 200],
  ])("%s the end pardons nobody while the app runs", async (_when, strikeAt) => {
    const { world, until, endsWith, vanished, writeEnd, state, remove, pass } = createAttack();
    await world.dependencies.control.stop();
    world.show(activation());
    endsWith();
    writeEnd(61, 5000);
    await until(strikeAt);
    for (const partition of partitions) await state.remove(partition);
    await remove(jane);
    if (strikeAt > 61) await pass();
    await (await world.dependencies.control.prepareLift())();
    await until(600);
    const named = vanished().map(({ principalId, partition }) => principalId ?? partition);
    expect(named.toSorted()).toEqual(raised.toSorted());
    expect(world.shown.revoked).toEqual([jane]);
    await until(5000);
    expect(world.shown.revoked).toEqual([jane]);
  });
});

test("deleting how far the audit log was read does not make older ends count as before the first run", async () => {
  const { world, until, vanished, writeEnd, state } = createAttack();
  await until(100);
  writeEnd(95, 20_000);
  await state.remove("audit");
  await until(300);
  expect(vanished()).toEqual([{ partition: "audit" }]);
  expect(world.shown.revoked).toEqual([jane]);
});

test("a first run raises nothing, and nor does a new process", async () => {
  const { world, until, vanished, restart } = createAttack();
  world.show(activation({ endDateTime: isoAt(9000) }));
  await until(100);
  restart();
  await until(200);
  expect(vanished()).toEqual([]);
});

test.each([["heads"], ["heads", "resync"]])(
  "a new process sees that the app's memory is gone, though not whose rows: %s",
  async (...partitions) => {
    const { world, until, vanished, state, remove, restart } = createAttack();
    const another = "0a1b2c3d-0000-4000-8000-000000000002";
    const endDateTime = isoAt(9000);
    world.show(activation({ endDateTime }), activation({ endDateTime, principalId: another }));
    await until(100);
    for (const partition of partitions) await state.remove(partition);
    await remove(jane);
    restart();
    await until(150);
    expect(vanished()).toMatchObject([{ partition: "heads" }]);
  },
);

type Attack = Pick<ReturnType<typeof createAttack>, "remove" | "spoil" | "pass">;

test.each<[string, (attack: Attack) => Promise<unknown>]>([
  ["deletes the pending revocation alone", ({ remove }) => remove(jane, "revocation|")],
  [
    "deletes it and the ended holding",
    ({ remove }) => Promise.all(["revocation|", "ended|"].map((row) => remove(jane, row))),
  ],
  [
    "deletes it and the head, and has a pass made before the next resync",
    async ({ remove, pass }) => {
      await remove(jane, "revocation|");
      await remove(jane, "head");
      await pass();
    },
  ],
  [
    "deletes everything, and has a pass made before the next resync",
    async ({ remove, pass }) => {
      await remove(jane);
      await pass();
    },
  ],
  ["spoils the pending revocation", ({ spoil }) => spoil("revocation|")],
  [
    "spoils the head and deletes the rest",
    async ({ remove, spoil }) => {
      await spoil("head");
      for (const rest of ["ended|", "holding|", "revocation|"]) await remove(jane, rest);
    },
  ],
])("a pending end is pardoned by nobody who %s", async (_, strike) => {
  const { world, until, endsWith, vanished, writeEnd, ...attack } = createAttack();
  await world.dependencies.control.stop();
  world.show(activation());
  endsWith();
  writeEnd(61, 5000);
  // The audit log has long been read, and nothing else would report this end.
  await until(1000);
  expect(world.outcomes()).toEqual([]);
  await strike(attack);
  await (await world.dependencies.control.prepareLift())();
  await until(2000);
  expect(vanished()).toEqual([{ principalId: jane, principals: 1 }]);
  expect(world.shown.revoked).toEqual([jane]);
  expect(world.outcomes()).toEqual(["revoked"]);
});

test.each([
  ["the holding of a role that goes on", "holding|", 30, []],
  ["an ended holding", "ended|", 300, [jane]],
  ["the record of its outcome", "revocation|", 300, [jane]],
])("deleting %s is raised, and cuts nobody a first time or again", async (_, row, when, revoked) => {
  const { world, until, endsWith, vanished, writeEnd, remove, pass } = createAttack();
  world.show(activation());
  endsWith();
  writeEnd(61, 5000);
  await until(when);
  expect(vanished()).toEqual([]);
  await remove(jane, row);
  await pass();
  await until(when + 20);
  expect(vanished()).toEqual([{ principalId: jane, principals: 1 }]);
  expect(world.shown.revoked).toEqual(revoked);
  await until(1500);
  expect(vanished()).toHaveLength(1);
  expect(world.shown.revoked).toEqual([jane]);
});
