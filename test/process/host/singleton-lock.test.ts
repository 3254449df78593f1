import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite/start-azurite.ts";
import { hostTable } from "../../../local/host/host-table.ts";
import { acquireLock, type LockOptions } from "../../../local/host/singleton-lock.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const start = Date.parse("2026-03-01T10:00:00Z");

async function lockOptions(name: string): Promise<LockOptions> {
  const table = hostTable({ AzureWebJobsStorage: azurite.connectionString });
  await table.createTable();
  return { table, hostId: "app", name, owner: "first", period: 60_000, now: () => start, log: () => {} };
}

const holder = async ({ table, hostId, name }: LockOptions) => (await table.getEntity(hostId, `lock ${name}`)).owner;

describe("acquireLock", () => {
  it("lets one of many hosts in, and the next when it is given back", async () => {
    const options = await lockOptions("one-of-many");
    const owners = ["a", "b", "c", "d"];
    const leases = await Promise.all(owners.map((owner) => acquireLock({ ...options, owner })));
    const won = leases.filter((lease) => lease !== undefined);
    expect(won).toHaveLength(1);
    expect(await acquireLock(options)).toBeUndefined();
    await won[0]?.release();
    const next = await acquireLock(options);
    expect(next).toBeDefined();
    await next?.release();
  });

  it("passes the lock on when its lease has ended, and notifies the holder who lost it", async () => {
    const options = await lockOptions("expired");
    const first = await acquireLock({ ...options, period: 200 });
    if (!first) throw new Error("The lock was not free.");
    const lost = once(first.lost, "abort");
    const second = await acquireLock({ ...options, owner: "second", now: () => start + 3_600_000 });
    expect(second).toBeDefined();
    await lost;
    await first.release();
    expect(await holder(options)).toBe("second");
    await second?.release();
  });
});
