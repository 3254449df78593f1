import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { type PrincipalState, summarized } from "../../../shared/model/principal.ts";
import { reconcile } from "../../../shared/reconcile/reconcile.ts";
import { readAtMost, readStatus, type StatusDependencies } from "../../../shared/status/read-status.ts";
import { noNames, type ReadNames, type Wanted } from "../../../shared/status/status.ts";
import type { Table } from "../../../shared/storage/table.ts";
import { aHealth } from "../../fixtures/a-status.ts";
import { activation, createFakeWorld, jane, userAdministrator } from "../../fixtures/fake-world.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { anOperator } from "../../fixtures/operators.ts";
import { aHolding, aRevocation, aState, at } from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

async function createHeldWorld() {
  const world = createFakeWorld();
  world.show(activation());
  await reconcile({ principalId: jane, because: "resync", tries: 0 }, world.dependencies);
  const { principals, clock } = world.dependencies;
  const read = (over: Partial<StatusDependencies> = {}) =>
    readStatus(
      {
        principals,
        health: async () => aHealth(),
        stop: async () => null,
        roleNames: async () => new Map([[userAdministrator, "User Administrator"]]),
        names: noNames,
        clock,
        portal: null,
        runbook: null,
        ...over,
      },
      anOperator,
    );
  return { ...world, principals, read };
}

test("a holding is shown with its role's name", async () => {
  const { read } = await createHeldWorld();
  expect(await read()).toMatchObject({
    unreadable: 0,
    upcoming: { total: 1, shown: [{ principalId: jane, privilege: "User Administrator", scope: "/" }] },
  });
});

test("without Graph roles are shown by their ids", async () => {
  const { read } = await createHeldWorld();
  const status = await read({
    roleNames: async () => {
      throw new GraphRetryableError("no", { code: "timeout", reason: "unavailable" });
    },
  });
  expect(status.upcoming.shown).toMatchObject([{ privilege: userAdministrator }]);
});

test("the reader and the person whose end is next are asked for by name; the reason of a stop is shown", async () => {
  const { read } = await createHeldWorld();
  const asked: Wanted[] = [];
  const names: ReadNames = async (wanted) => {
    asked.push(wanted);
    return { [jane]: "Jane" };
  };
  const order = { by: jane, reason: "drill" };
  const status = await read({ names, stop: async () => ({ order }) });
  expect(asked).toEqual([{ users: [anOperator.objectId, jane], groups: [] }]);
  expect(status).toMatchObject({ names: { [jane]: "Jane" }, stopReason: "drill" });
  expect(status.operator).toEqual({ objectId: anOperator.objectId, roles: [...anOperator.roles] });
});

test("a principal whose rows this version cannot read is counted, and hides nobody else", async () => {
  const { read, principals } = await createHeldWorld();
  await principals.commit("another", [{ type: "insert", row: "head", content: { schema: 99 } }]);
  const head = await principals.get(jane, "head");
  await principals.commit("one-more", [
    { type: "insert", row: "head", content: head.value?.content },
    { type: "insert", row: "unheard-of", content: { schema: 1 } },
  ]);
  expect(await read()).toMatchObject({ unreadable: 2, upcoming: { total: 1 } });
});

describe("one reading reads no more than it says", () => {
  const hour = 3600;
  const bounds = { heads: 60, people: 20, rows: 1000 };

  /** The table, with how many rows of it were read, and of whom all. */
  function counted(table: Table) {
    const read = { scanned: 0, listed: [] as string[], rows: 0 };
    return Object.assign(read, {
      table: {
        ...table,
        async list(partition: string, prefix?: string) {
          const answer = await table.list(partition, prefix);
          read.listed.push(partition);
          read.rows += answer.value.length;
          return answer;
        },
        async *scan(prefix: string) {
          for await (const row of table.scan(prefix)) {
            read.scanned += 1;
            yield row;
          }
        },
      } satisfies Table,
    });
  }

  const idOf = (index: number) => `p${String(index).padStart(3, "0")}`;

  /** People, each written an hour before the next: the first is the oldest. */
  async function createTable(
    count: number,
    over: (index: number) => Partial<Parameters<typeof aState>[0]> = () => ({}),
  ) {
    let now = at(-count * hour);
    const table = createMemoryTable({ now: () => now });
    for (let index = 0; index < count; index += 1) {
      const state: PrincipalState = { ...aState({ holdings: [aHolding()], ...over(index) }), principalId: idOf(index) };
      await storePrincipal(table, summarized(state));
      now += hour * 1000;
    }
    return counted(table);
  }

  const read = ({ table }: ReturnType<typeof counted>, atMost: typeof readAtMost = bounds) =>
    readStatus(
      {
        principals: table,
        health: async () => aHealth(),
        stop: async () => null,
        roleNames: async () => new Map(),
        names: noNames,
        clock: { now: () => at(0) },
        portal: null,
        runbook: null,
      },
      anOperator,
      atMost,
    );

  test("everything, where there is no more", async () => {
    const table = await createTable(20);
    expect(await read(table)).toMatchObject({
      notRead: { people: 0, waiting: 0, isAtLeast: false },
      upcoming: { total: 20 },
    });
    expect(table).toMatchObject({ scanned: 20, rows: 40 });
  });

  test("else of principals with waiting work, and of those that changed last; the others are counted", async () => {
    const table = await createTable(50, (index) => (index < 5 ? { revocations: [aRevocation()] } : {}));
    const status = await read(table);
    expect(table.scanned).toBe(50);
    const wanted = [0, 1, 2, 3, 4, ...Array.from({ length: 15 }, (_, index) => 35 + index)].map(idOf);
    expect(table.listed.toSorted()).toEqual(wanted);
    expect(status.notRead).toEqual({ people: 30, waiting: 0, isAtLeast: false });
    expect(status.pending.total).toBe(5);
    expect(status.day).toMatchObject({ people: { length: 20 }, more: 0 });
  });

  test("of whom more waits than is read is counted, and whom a release would let through by person", async () => {
    const held = [aRevocation({ key: "one", threshold: "held" }), aRevocation({ key: "two", threshold: "held" })];
    const review = [aRevocation({ progress: { state: "pending", notBefore: null, heldBy: "review" } })];
    const table = await createTable(30, (index) => ({
      revocations: index < 10 ? held : index < 15 ? review : [aRevocation()],
    }));
    const { notRead, waitingPeople } = await read(table);
    expect(notRead).toEqual({ people: 10, waiting: 10, isAtLeast: false });
    expect(waitingPeople).toBe(15);
  });

  test("no further person once many rows were read", async () => {
    const revocations = Array.from({ length: 8 }, (_, index) => aRevocation({ key: String(index) }));
    const table = await createTable(50, () => ({ revocations }));
    const { notRead } = await read(table, { ...bounds, people: 50, rows: 100 });
    // Sixteen people at a time, ten rows each.
    expect(table.rows).toBe(160);
    expect(notRead).toMatchObject({ people: 34 });
  });

  test("not one person more than the app keeps count of", async () => {
    const table = await createTable(61);
    const { notRead } = await read(table);
    expect(table.scanned).toBe(61);
    expect(table.listed).toHaveLength(20);
    expect(notRead).toEqual({ people: 40, waiting: 0, isAtLeast: true });
  });

  test("the document names these numbers", async () => {
    const api = await readFile(new URL("../../../docs/api.md", import.meta.url), "utf8");
    const spelt = Object.values(readAtMost).map((count) => count.toLocaleString("en-US"));
    for (const count of spelt) expect(api).toContain(count);
  });
});
