import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commitPrincipal, loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import type { PrincipalState } from "../../../shared/model/principal.ts";
import {
  maxOperations,
  type Operation,
  StorageConflictError,
  StorageUnavailableError,
  type Table,
} from "../../../shared/storage/table.ts";
import { jane } from "../../fixtures/fake-world.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { aHolding, anAttempt, anEnded, aRevocation, aState, at, janesKey } from "../../fixtures/principal-builders.ts";
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
  await storePrincipal(table, aState({ holdings: [aHolding()] }));
  expect(rows()).toEqual([["insert head", `insert holding|${janesKey}`]]);
});

test("an end is written as one: pending revocation, attempt and ended holding together with the removal of the holding", async () => {
  const { table, rows } = recording();
  await storePrincipal(table, aState({ holdings: [aHolding()] }));
  await storePrincipal(
    table,
    aState({ revocations: [aRevocation()], ended: [anEnded()], attempt: anAttempt({ writtenAt: null }) }),
  );
  expect(rows()[1]).toEqual([
    "replace head",
    `insert revocation|${janesKey}`,
    "insert attempt",
    `insert ended|${janesKey}`,
    `delete holding|${janesKey}`,
  ]);
});

test("nothing changed, nothing written", async () => {
  const { table, commits } = recording();
  const state = aState({ holdings: [aHolding()] });
  const committed = await storePrincipal(table, state);
  await commitPrincipal(table, committed, { ...state });
  expect(commits).toHaveLength(1);
});

test("only what changed is written, always on the head's condition", async () => {
  const { table, rows } = recording();
  const two = [aHolding(), aHolding({ key: "second" })];
  await storePrincipal(table, aState({ holdings: two }));
  await storePrincipal(table, aState({ holdings: [aHolding(), aHolding({ key: "second", overdueRaised: true })] }));
  expect(rows()[1]).toEqual(["replace head", "replace holding|second"]);
});

test("an instance that loaded before another one committed writes nothing", async () => {
  const { table } = recording();
  const stale = await load(table);
  const state = aState({ holdings: [aHolding()] });
  await storePrincipal(table, state);
  await expect(commitPrincipal(table, stale, aState())).rejects.toThrow(StorageConflictError);
  const again = await load(table);
  await storePrincipal(table, aState({ holdings: [aHolding({ overdueRaised: true })] }));
  await expect(commitPrincipal(table, again, aState())).rejects.toThrow(StorageConflictError);
  expect((await stateOf(table)).holdings.size).toBe(1);
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
  const first = await storePrincipal(table, aState({ holdings: [aHolding()] }));
  const second = await commitPrincipal(table, first, aState({ revocations: [aRevocation()] }));
  await commitPrincipal(table, second, aState({ holdings: [aHolding()] }));
  expect(await stateOf(table)).toEqual(aState({ holdings: [aHolding()] }));
});

describe("above a hundred rows", () => {
  const keys = Array.from({ length: 120 }, (_, index) => `key-${String(index).padStart(3, "0")}`);
  const state = aState({ holdings: keys.map((key) => aHolding({ key })) });
  const ended = aState({
    revocations: keys.map((key) => aRevocation({ key })),
    ended: keys.map((key) => anEnded({ key })),
    head: { wakeAt: at(200) },
  });

  test("several transactions within the limit: pending revocations first, removals last, the head's news with the last", async () => {
    const { table, commits } = recording();
    await storePrincipal(table, state);
    await storePrincipal(table, ended);
    expect(commits.every(({ length }) => length <= maxOperations)).toBe(true);
    const order = commits
      .slice(2)
      .flatMap((operations) => operations.slice(1).map(({ row }) => row.replace(/\|.*/, "")));
    expect(order).toEqual([...keys.map(() => "revocation"), ...keys.map(() => "ended"), ...keys.map(() => "holding")]);
    expect(await stateOf(table)).toEqual(ended);
  });

  test.each([1, 2, 3])("a crash after %i of them repeats work and forgets none", async (done) => {
    const { table } = recording(2 + done);
    await storePrincipal(table, state);
    await expect(storePrincipal(table, ended)).rejects.toThrow(StorageUnavailableError);
    const { holdings, revocations, head } = await stateOf(table);
    for (const key of keys) expect(holdings.has(key) || revocations.has(key)).toBe(true);
    expect(head.wakeAt).toBeNull();
    // What stands after each transaction is what its head says: nobody else is blamed.
    expect(head.incomplete).toBeUndefined();
  });
});

test("whatever changes, exactly the difference is written, and loading gives back what was committed", async () => {
  const anyPart = fc.subarray(["a", "b", "c"]);
  const anyState = fc
    .record({
      holdings: anyPart,
      ended: anyPart,
      revocations: anyPart,
      attempt: fc.boolean(),
      raised: fc.boolean(),
    })
    .map((part) =>
      aState({
        holdings: part.holdings.map((key) => aHolding({ key, overdueRaised: part.raised })),
        ended: part.ended.map((key) => anEnded({ key })),
        revocations: part.revocations.map((key) => aRevocation({ key })),
        attempt: part.attempt ? anAttempt({ writtenAt: at(100) }) : null,
      }),
    );
  await fc.assert(
    fc.asyncProperty(anyState, anyState, async (before, next) => {
      const { table, commits } = recording();
      await storePrincipal(table, before);
      commits.length = 0;
      // A pass that commits has loaded before, and leaves unchanged rows alone.
      const loaded = await stateOf(table);
      const unchanged = <T>(from: ReadonlyMap<string, T>, to: ReadonlyMap<string, T>) =>
        new Map([...to].map(([key, one]) => [key, from.get(key) ?? one]));
      const revocations = unchanged(loaded.revocations, next.revocations);
      await storePrincipal(table, { ...next, revocations, ended: unchanged(loaded.ended, next.ended) });
      expect(await stateOf(table)).toEqual(next);
      const written = commits.flat().filter(({ row }) => row.startsWith("revocation|") || row.startsWith("ended|"));
      const kept = [
        ...[...revocations.keys()].filter((key) => before.revocations.has(key)).map((key) => `revocation|${key}`),
        ...[...next.ended.keys()].filter((key) => before.ended.has(key)).map((key) => `ended|${key}`),
      ];
      expect(written.filter(({ row }) => kept.includes(row))).toEqual([]);
    }),
  );
});
