import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPrincipal, revocationPrefix } from "../../shared/model/load-and-commit.ts";
import type { Progress } from "../../shared/model/pending-revocation.ts";
import { parkNotice } from "../../shared/notify/undelivered.ts";
import { recordOrder } from "../../shared/operators/orders.ts";
import { createPurge } from "../../shared/retention/purge.ts";
import type { Table } from "../../shared/storage/table.ts";
import { jane } from "../fixtures/fake-world.ts";
import { anEnded, aRevocation, aState } from "../fixtures/principal-builders.ts";
import { storePrincipal } from "../fixtures/store-principal.ts";
import { type Stores, stores } from "./stores.ts";

const day = 24 * 3_600_000;
const keepFor = 31 * day;
const omar = "6ecd8c99-4036-403d-bf84-cf8400f67836";

const closed = (closedAt: number): Progress => ({
  state: "closed",
  outcome: "stale",
  closedAt,
  acceptedAt: null,
  verified: false,
  detail: null,
});

describe.each(stores)("on %s", (_, start) => {
  let storage: Stores;
  beforeAll(async () => {
    storage = await start();
  }, 60_000);
  afterAll(() => storage.stop());

  function create() {
    const [principals, state] = [storage.table(), storage.table()];
    const recorded: unknown[] = [];
    const time = { monotonic: 0 };
    const purge = createPurge({
      principals,
      state,
      keepFor,
      clock: { monotonic: () => time.monotonic },
      telemetry: {
        event: (name, properties) => void recorded.push({ name, ...properties }),
        alarm: () => undefined,
        measure: () => undefined,
      },
    });
    return { principals, state, recorded, time, purge };
  }

  const keysOf = async (table: Table, principalId: string) =>
    [...(await loadPrincipal(table, principalId)).state.revocations.keys()].toSorted();

  test("what is older than the retention is removed once a day, and nothing else", async () => {
    const { principals, state, recorded, time, purge } = create();
    const now = Date.now();
    const revocations = [
      aRevocation({ key: "old", progress: closed(now - 32 * day) }),
      aRevocation({ key: "young", progress: closed(now - 30 * day) }),
      aRevocation({ key: "waiting", foundAt: now - 400 * day, cutOff: now - 400 * day }),
    ];
    await storePrincipal(principals, aState({ revocations, ended: [anEnded({ endedAt: now - 2 * day })] }));
    const onlyOld = { ...aState({ revocations: revocations.slice(0, 1) }), principalId: omar };
    await storePrincipal(principals, onlyOld);
    const order = { action: "stop", reason: "a drill" } as const;
    await recordOrder(state, "old", order, jane, now - 32 * day);
    await recordOrder(state, "young", order, jane, now - 30 * day);
    await state.commit("operations", [{ type: "insert", row: "other", content: { schema: 3, at: "?" } }]);

    await purge();
    expect(await keysOf(principals, jane)).toEqual(["waiting", "young"]);
    expect(await keysOf(principals, omar)).toEqual([]);
    expect((await loadPrincipal(principals, jane)).state.ended.size).toBe(1);
    expect((await state.list("operations")).value.map(({ row }) => row)).toEqual(["other", "young"]);
    expect(recorded).toEqual([{ name: "purged", principals: 2, records: 2, orders: 1 }]);

    await storePrincipal(principals, onlyOld);
    time.monotonic += day / 2;
    await purge();
    expect(recorded).toHaveLength(1);
  });

  test("of two instances one purges", async () => {
    const { principals, state, recorded, purge } = create();
    await storePrincipal(principals, aState({ revocations: [aRevocation({ progress: closed(0) })] }));
    const other = createPurge({
      principals,
      state,
      keepFor,
      clock: { monotonic: () => 0 },
      telemetry: { event: (name) => void recorded.push(name), alarm: () => undefined, measure: () => undefined },
    });
    await Promise.all([purge(), other()]);
    expect(recorded).toHaveLength(1);
    expect(await keysOf(principals, jane)).toEqual([]);
  });

  test("rows of another version are left alone, and so is every principal who has one", async () => {
    const { principals, purge } = create();
    await storePrincipal(principals, aState({ revocations: [aRevocation({ key: "old", progress: closed(0) })] }));
    const row = `${revocationPrefix}newer`;
    await principals.commit(jane, [{ type: "insert", row, content: { schema: 2, progress: { state: "closed" } } }]);
    await purge();
    const rows = (await principals.list(jane)).value.map((found) => found.row);
    expect(rows).toEqual(expect.arrayContaining([row, `${revocationPrefix}old`]));
  });

  test("an outcome that has not been sent to the webhook yet is kept for it", async () => {
    const { principals, state, purge } = create();
    const telemetry = { event: () => undefined, alarm: () => undefined, measure: () => undefined };
    await storePrincipal(principals, aState({ revocations: [aRevocation({ key: "parked", progress: closed(0) })] }));
    await parkNotice({ principalId: jane, key: "parked", tries: 9 }, "HTTP_500", { state, telemetry });
    await purge();
    expect(await keysOf(principals, jane)).toEqual(["parked"]);
  });
});
