import { describe, expect, test } from "vitest";
import { finishRush, leaseRush, liveRushes, storeRush } from "../../../shared/reconcile/mass-expiry-store.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { at } from "../../fixtures/principal-builders.ts";

const rush = { second: at(10), principals: ["jane", "john"] };

function createStore() {
  let now = at(0);
  const table = createMemoryTable({ now: () => now });
  return {
    table,
    goTo: (seconds: number) => {
      now = at(seconds);
    },
    live: async () => (await liveRushes(table, now)).map(({ second, principals }) => ({ second, principals })),
  };
}

describe("a rush", () => {
  test("is new once: whoever sees it again tells nobody", async () => {
    const { table, live } = createStore();
    expect(await storeRush(table, rush)).toBe(true);
    expect(await storeRush(table, rush)).toBe(false);
    expect(await live()).toEqual([rush]);
  });

  test("grows until somebody has begun", async () => {
    const { table, live } = createStore();
    const grown = { ...rush, principals: [...rush.principals, "jack"] };
    await storeRush(table, rush);
    expect(await storeRush(table, grown)).toBe(false);
    expect(await live()).toEqual([grown]);
    await leaseRush(table, rush.second, "one");
    await storeRush(table, rush);
    expect(await live()).toEqual([grown]);
  });

  test("that nobody begins leaves its principals to themselves fifteen seconds after the end", async () => {
    const { table, live, goTo } = createStore();
    await storeRush(table, rush);
    goTo(24);
    expect(await live()).toEqual([rush]);
    goTo(25);
    expect(await live()).toEqual([]);
  });

  test("is forgotten a day after it was last touched", async () => {
    const { table, live, goTo } = createStore();
    await storeRush(table, rush);
    goTo(86_401);
    expect(await live()).toEqual([]);
    expect((await table.list("rush")).value).toEqual([]);
  });
});

describe("the lease on a rush", () => {
  test("is one holder's for half a minute, renewed by that one only", async () => {
    const { table, goTo, live } = createStore();
    await storeRush(table, rush);
    expect(await leaseRush(table, rush.second, "one")).toMatchObject(rush);
    expect(await leaseRush(table, rush.second, "two")).toBeNull();
    goTo(20);
    expect(await leaseRush(table, rush.second, "one")).not.toBeNull();
    goTo(49);
    expect(await live()).toEqual([rush]);
    expect(await leaseRush(table, rush.second, "two")).toBeNull();
    goTo(50);
    expect(await live()).toEqual([]);
    expect(await leaseRush(table, rush.second, "two")).toMatchObject({ lease: { holder: "two" } });
  });

  test("cannot be had on what is unknown or over", async () => {
    const { table, live } = createStore();
    expect(await leaseRush(table, rush.second, "one")).toBeNull();
    await finishRush(table, rush.second);
    await storeRush(table, rush);
    await finishRush(table, rush.second);
    expect(await leaseRush(table, rush.second, "one")).toBeNull();
    expect(await live()).toEqual([]);
  });

  test("goes to the first of two, and storage's failure is not taken for a loss", async () => {
    const { table } = createStore();
    await storeRush(table, rush);
    const failing = (error: Error) => ({ ...table, commit: () => Promise.reject(error) });
    expect(await leaseRush(failing(new StorageConflictError("second")), rush.second, "one")).toBeNull();
    const away = new StorageUnavailableError("away");
    await expect(leaseRush(failing(away), rush.second, "one")).rejects.toThrow(away);
    await expect(storeRush(failing(away), rush)).rejects.toThrow(away);
  });

  test("that was removed while somebody stored it again is nobody's", async () => {
    const { table } = createStore();
    const conflict = () => Promise.reject(new StorageConflictError("exists"));
    expect(await storeRush({ ...table, commit: conflict }, rush)).toBe(false);
  });
});
