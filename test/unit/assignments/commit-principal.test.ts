import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commitPrincipal } from "../../../shared/assignments/commit-principal.ts";
import { loadPrincipal } from "../../../shared/assignments/load-principal.ts";
import type { PrincipalState } from "../../../shared/assignments/principal-state.ts";
import { createMemoryTable } from "../../../shared/storage/memory-table.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/storage-errors.ts";
import { maxOperations, type Operation, type Table } from "../../../shared/storage/table.ts";
import { jane } from "../../fixtures/fake-world.ts";
import {
  anAttempt,
  anObligation,
  aState,
  aTombstone,
  at,
  aWatch,
  janesKey,
} from "../../fixtures/principal-builders.ts";
import { storePrincipal } from "../../fixtures/store-principal.ts";

/** A table that keeps what it was asked to write, and fails from the `failAt`th commit on. */
function recording(failAt = Number.POSITIVE_INFINITY) {
  const table = createMemoryTable({ now: () => at(100) });
  const commits: (readonly Operation[])[] = [];
  const recorded: Table = {
    ...table,
    commit: async (partition, operations) => {
      if (commits.length >= failAt) throw new StorageUnavailableError("the host died here");
      commits.push(operations);
      return table.commit(partition, operations);
    },
  };
  return {
    table: recorded,
    commits,
    rows: () => commits.map((operations) => operations.map(({ type, row }) => `${type} ${row}`)),
  };
}

const load = (table: Table) => loadPrincipal(table, jane);
const stateOf = async (table: Table): Promise<PrincipalState> => (await load(table)).state;

test("a new principal is one transaction, head first", async () => {
  const { table, rows } = recording();
  await storePrincipal(table, aState({ watches: [aWatch()] }));
  expect(rows()).toEqual([["insert head", `insert watch|${janesKey}`]]);
});

test("an end is written as one: obligation, attempt and tombstone together with the watch's removal", async () => {
  const { table, rows } = recording();
  await storePrincipal(table, aState({ watches: [aWatch()] }));
  await storePrincipal(
    table,
    aState({ obligations: [anObligation()], tombstones: [aTombstone()], attempt: anAttempt({ writtenAt: null }) }),
  );
  expect(rows()[1]).toEqual([
    "replace head",
    `insert obligation|${janesKey}`,
    "insert attempt",
    `insert tombstone|${janesKey}`,
    `delete watch|${janesKey}`,
  ]);
});

test("nothing changed, nothing written", async () => {
  const { table, commits } = recording();
  const state = aState({ watches: [aWatch()] });
  const committed = await storePrincipal(table, state);
  await commitPrincipal(table, committed, { ...state });
  expect(commits).toHaveLength(1);
});

test("only what changed is written, always on the head's condition", async () => {
  const { table, rows } = recording();
  const two = [aWatch(), aWatch({ key: "second" })];
  await storePrincipal(table, aState({ watches: two }));
  await storePrincipal(table, aState({ watches: [aWatch(), aWatch({ key: "second", overdueRaised: true })] }));
  expect(rows()[1]).toEqual(["replace head", "replace watch|second"]);
});

test("who loaded before somebody else committed writes nothing", async () => {
  const { table } = recording();
  const stale = await load(table);
  const state = aState({ watches: [aWatch()] });
  await storePrincipal(table, state);
  await expect(commitPrincipal(table, stale, aState())).rejects.toThrow(StorageConflictError);
  const again = await load(table);
  await storePrincipal(table, aState({ watches: [aWatch({ overdueRaised: true })] }));
  await expect(commitPrincipal(table, again, aState())).rejects.toThrow(StorageConflictError);
  expect((await stateOf(table)).watches.size).toBe(1);
});

test("a new attempt has storage's time of the commit, an old one its own", async () => {
  const { table } = recording();
  const committed = await storePrincipal(table, aState({ attempt: anAttempt({ writtenAt: null }) }));
  expect(committed.state.attempt?.writtenAt).toBe(at(100));
  const again = await commitPrincipal(table, committed, {
    ...committed.state,
    head: { ...committed.state.head, wakeAt: 1 },
  });
  expect(again.state.attempt?.writtenAt).toBe(at(100));
});

test("what was committed can be committed on without loading again", async () => {
  const { table } = recording();
  const first = await storePrincipal(table, aState({ watches: [aWatch()] }));
  const second = await commitPrincipal(table, first, aState({ obligations: [anObligation()] }));
  await commitPrincipal(table, second, aState({ watches: [aWatch()] }));
  expect(await stateOf(table)).toEqual(aState({ watches: [aWatch()] }));
});

describe("above a hundred rows", () => {
  const keys = Array.from({ length: 120 }, (_, index) => `key-${String(index).padStart(3, "0")}`);
  const watched = aState({ watches: keys.map((key) => aWatch({ key })) });
  const ended = aState({
    obligations: keys.map((key) => anObligation({ key })),
    tombstones: keys.map((key) => aTombstone({ key })),
    head: { wakeAt: at(200) },
  });

  test("several transactions within the limit: obligations first, removals last, the head's news with the last", async () => {
    const { table, commits } = recording();
    await storePrincipal(table, watched);
    await storePrincipal(table, ended);
    expect(commits.every(({ length }) => length <= maxOperations)).toBe(true);
    const order = commits
      .slice(2)
      .flatMap((operations) => operations.slice(1).map(({ row }) => row.replace(/\|.*/, "")));
    expect(order).toEqual([
      ...keys.map(() => "obligation"),
      ...keys.map(() => "tombstone"),
      ...keys.map(() => "watch"),
    ]);
    expect(await stateOf(table)).toEqual(ended);
  });

  test.each([1, 2, 3])("a crash after %i of them repeats work and forgets none", async (done) => {
    const { table } = recording(2 + done);
    await storePrincipal(table, watched);
    await expect(storePrincipal(table, ended)).rejects.toThrow(StorageUnavailableError);
    const { watches, obligations, head } = await stateOf(table);
    for (const key of keys) expect(watches.has(key) || obligations.has(key)).toBe(true);
    expect(head.wakeAt).toBeNull();
  });
});

test("whatever changes, exactly the difference is written, and loading gives back what was committed", async () => {
  const anyPart = fc.subarray(["a", "b", "c"]);
  const anyState = fc
    .record({
      watches: anyPart,
      tombstones: anyPart,
      obligations: anyPart,
      attempt: fc.boolean(),
      raised: fc.boolean(),
    })
    .map((part) =>
      aState({
        watches: part.watches.map((key) => aWatch({ key, overdueRaised: part.raised })),
        tombstones: part.tombstones.map((key) => aTombstone({ key })),
        obligations: part.obligations.map((key) => anObligation({ key })),
        attempt: part.attempt ? anAttempt({ writtenAt: at(100) }) : null,
      }),
    );
  await fc.assert(
    fc.asyncProperty(anyState, anyState, async (before, next) => {
      const { table, commits } = recording();
      await storePrincipal(table, before);
      commits.length = 0;
      await storePrincipal(table, next);
      expect(await stateOf(table)).toEqual(next);
      const written = commits.flat().filter(({ row }) => row.startsWith("obligation|") || row.startsWith("tombstone|"));
      const kept = (map: keyof Pick<PrincipalState, "obligations" | "tombstones">) =>
        [...next[map].keys()].filter((key) => before[map].has(key)).map((key) => `${map.slice(0, -1)}|${key}`);
      expect(written.filter(({ row }) => [...kept("obligations"), ...kept("tombstones")].includes(row))).toEqual([]);
    }),
  );
});
