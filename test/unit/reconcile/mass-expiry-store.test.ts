import { describe, expect, test } from "vitest";
import {
  finishMassExpiry,
  leaseMassExpiry,
  openMassExpiries,
  storeMassExpiry,
} from "../../../shared/reconcile/mass-expiry-store.ts";
import { StorageConflictError, StorageUnavailableError } from "../../../shared/storage/table.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { at } from "../../fixtures/principal-builders.ts";

const massExpiry = { second: at(10), principals: ["jane", "john"] };

function createStore() {
  let now = at(0);
  const table = createMemoryTable({ now: () => now });
  return {
    table,
    goTo: (seconds: number) => {
      now = at(seconds);
    },
    live: async () => (await openMassExpiries(table, now)).map(({ second, principals }) => ({ second, principals })),
  };
}

describe("a mass expiry", () => {
  test("is new once: an instance that sees it again enqueues nothing", async () => {
    const { table, live } = createStore();
    expect(await storeMassExpiry(table, massExpiry)).toBe(true);
    expect(await storeMassExpiry(table, massExpiry)).toBe(false);
    expect(await live()).toEqual([massExpiry]);
  });

  test("grows until an instance has begun", async () => {
    const { table, live } = createStore();
    const grown = { ...massExpiry, principals: [...massExpiry.principals, "jack"] };
    await storeMassExpiry(table, massExpiry);
    expect(await storeMassExpiry(table, grown)).toBe(false);
    expect(await live()).toEqual([grown]);
    await leaseMassExpiry(table, massExpiry.second, "one");
    await storeMassExpiry(table, massExpiry);
    expect(await live()).toEqual([grown]);
  });

  test("that nobody begins leaves its principals to themselves fifteen seconds after the end", async () => {
    const { table, live, goTo } = createStore();
    await storeMassExpiry(table, massExpiry);
    goTo(24);
    expect(await live()).toEqual([massExpiry]);
    goTo(25);
    expect(await live()).toEqual([]);
  });

  test("is forgotten a day after it was last touched", async () => {
    const { table, live, goTo } = createStore();
    await storeMassExpiry(table, massExpiry);
    goTo(86_401);
    expect(await live()).toEqual([]);
    expect((await table.list("massExpiry")).value).toEqual([]);
  });
});

describe("the lease on a mass expiry", () => {
  test("is one holder's for half a minute, renewed by that one only", async () => {
    const { table, goTo, live } = createStore();
    await storeMassExpiry(table, massExpiry);
    expect(await leaseMassExpiry(table, massExpiry.second, "one")).toMatchObject(massExpiry);
    expect(await leaseMassExpiry(table, massExpiry.second, "two")).toBeNull();
    goTo(20);
    expect(await leaseMassExpiry(table, massExpiry.second, "one")).not.toBeNull();
    goTo(49);
    expect(await live()).toEqual([massExpiry]);
    expect(await leaseMassExpiry(table, massExpiry.second, "two")).toBeNull();
    goTo(50);
    expect(await live()).toEqual([]);
    expect(await leaseMassExpiry(table, massExpiry.second, "two")).toMatchObject({ lease: { holder: "two" } });
  });

  test("cannot be had on what is unknown or over", async () => {
    const { table, live } = createStore();
    expect(await leaseMassExpiry(table, massExpiry.second, "one")).toBeNull();
    await finishMassExpiry(table, massExpiry.second);
    await storeMassExpiry(table, massExpiry);
    await finishMassExpiry(table, massExpiry.second);
    expect(await leaseMassExpiry(table, massExpiry.second, "one")).toBeNull();
    expect(await live()).toEqual([]);
  });

  test("goes to the first of two, and storage's failure is not taken for a loss", async () => {
    const { table } = createStore();
    await storeMassExpiry(table, massExpiry);
    const failing = (error: Error) => ({ ...table, commit: () => Promise.reject(error) });
    expect(await leaseMassExpiry(failing(new StorageConflictError("second")), massExpiry.second, "one")).toBeNull();
    const away = new StorageUnavailableError("away");
    await expect(leaseMassExpiry(failing(away), massExpiry.second, "one")).rejects.toThrow(away);
    await expect(storeMassExpiry(failing(away), { ...massExpiry, second: at(11) })).rejects.toThrow(away);
  });

  test("that was removed while an instance stored it again belongs to no instance", async () => {
    const { table } = createStore();
    const conflict = () => Promise.reject(new StorageConflictError("exists"));
    expect(await storeMassExpiry({ ...table, commit: conflict }, massExpiry)).toBe(false);
  });
});
