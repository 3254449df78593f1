import { expect, test } from "vitest";
import { noteAuditEnds } from "../../../shared/detection/audit-match.ts";
import { defaultTimings } from "../../../shared/detection/cadences.ts";
import { lag } from "../../../shared/detection/lag.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { changePrincipal } from "../../../shared/reconcile/finish-pass.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import type { Table } from "../../../shared/storage/table.ts";
import { activation, createFakeWorld, type FakeWorld, jane, userAdministrator } from "../../fixtures/fake-world.ts";
import { admins, createGroupWorld, groupAccess, member } from "../../fixtures/group-world.ts";
import { at, isoAt } from "../../fixtures/principal-builders.ts";

const { closeAtMost, keptFor, passVeryOften, passEvery } = defaultTimings;

const waits = [
  { others: closeAtMost - 1, name: "ten principals at most", every: passVeryOften },
  { others: closeAtMost, name: "more than ten", every: passEvery },
];

test.each(waits)(
  "where $name wait at once, each gets a pass every $every ms around its end",
  async ({ others, every }) => {
    const world = createFakeWorld();
    const { waiting, graph } = world.dependencies;
    for (let n = 0; n < others; n += 1) waiting.add(`other-${n}`);
    const passes: number[] = [];
    const { readPrincipal } = graph;
    const counting = {
      ...graph,
      readPrincipal: (id: string) => {
        passes.push(world.clock.now());
        return readPrincipal(id);
      },
    };
    world.show(activation({ endDateTime: isoAt(60) }));
    world.when(at(61.5), () => world.show());

    world.goTo(at(58));
    await reconcile({ principalId: jane, because: "timer", tries: 0 }, { ...world.dependencies, graph: counting });

    expect(world.shown.revokedAt).toHaveLength(1);
    const around = passes.filter((time) => time > at(59.2) && time < at(61.4));
    const apart = around.slice(1).map((time, n) => time - (around[n] ?? 0));
    expect(apart.length).toBeGreaterThan(5);
    expect(new Set(apart)).toEqual(new Set([every]));
  },
);

test.each(waits)("the same around a membership's known end, and each pass reads the members: $name", async (one) => {
  const world = createGroupWorld();
  const { groups, graph } = world.dependencies;
  if (groups === undefined) throw new Error("Groups are read.");
  for (let n = 0; n < one.others; n += 1) world.dependencies.waiting.add(`other-${n}`);
  const passes: number[] = [];
  const reads: number[] = [];
  const counting = {
    ...world.dependencies,
    graph: {
      ...graph,
      readPrincipal: (id: string) => {
        if (id === admins) passes.push(world.clock.now());
        return graph.readPrincipal(id);
      },
    },
    groups: {
      ...groups,
      graph: {
        ...groups.graph,
        readHolders: (id: string) => {
          reads.push(world.clock.now());
          return groups.graph.readHolders(id);
        },
      },
    },
  };
  world.shown.roles = [];
  world.shown.members.set(admins, [member(1)]);
  world.shown.access = [groupAccess(member(1), { endDateTime: isoAt(60) })];
  world.from(61.45, () => {
    world.shown.members.set(admins, []);
    world.shown.access = [];
  });
  await world.pass();
  await world.deliver(63, counting);

  expect(world.revoked).toMatchObject([{ userId: member(1) }]);
  const around = passes.filter((time) => time > at(59.2) && time < at(61.4));
  const apart = around.slice(1).map((time, n) => time - (around[n] ?? 0));
  expect(apart.length).toBeGreaterThan(5);
  expect(new Set(apart)).toEqual(new Set([one.every]));
  expect(reads.filter((time) => time > at(59.2) && time < at(61.4))).toEqual(around);
  expect(world.revoked[0]?.at).toBeLessThan(at(61.45) + 2 * one.every);
});

/** Awaits the end of Jane's role, which Graph shows until 10 seconds after it. `times`: when her rows were loaded from storage. */
async function awaitEnd(meanwhile: (world: FakeWorld) => void = () => undefined) {
  const world = createFakeWorld();
  const times: number[] = [];
  const principals: Table = {
    ...world.principals,
    list: (partition, prefix) => {
      times.push(world.clock.now());
      return world.principals.list(partition, prefix);
    },
  };
  world.show(activation({ endDateTime: isoAt(60) }));
  await reconcile({ principalId: jane, because: "resync", tries: 0 }, world.dependencies);
  world.when(at(70), () => world.show());
  meanwhile(world);
  world.goTo(at(58));
  await reconcile({ principalId: jane, because: "timer", tries: 0 }, { ...world.dependencies, principals });
  return { world, times };
}

test("an invocation that waits keeps what it loaded, for five seconds or until it writes", async () => {
  const { world, times } = await awaitEnd();
  expect(world.outcomes()).toEqual(["revoked"]);
  const waiting = times.filter((time) => time < at(70));
  const apart = waiting.slice(1).map((time, n) => time - (waiting[n] ?? 0));
  expect(waiting.length).toBeLessThanOrEqual(5);
  expect(Math.max(...apart)).toBeLessThan(keptFor + 1000);
});

test("what another process writes meanwhile makes the pass start over, with what is stored then", async () => {
  const end = {
    key: "audit|1",
    kind: "role",
    at: at(70),
    foundAt: at(69),
    roleDefinitionId: userAdministrator,
    end: "removed",
  } as const;
  const { world } = await awaitEnd(({ dependencies, when, clock }) => {
    const note = () =>
      changePrincipal(jane, ({ state }) => noteAuditEnds(state, [end], clock.now(), lag), dependencies);
    when(at(69.5), note);
  });
  expect(world.shown.revokedAt).toHaveLength(1);
  expect(world.outcomes()).toEqual(["revoked"]);
  const { state } = await loadPrincipal(world.principals, jane);
  expect([...state.revocations.values()]).toMatchObject([{ threshold: "corroborated" }]);
});
