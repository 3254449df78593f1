import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrincipalState, summarized } from "../../shared/model/principal.ts";
import { readStatus } from "../../shared/status/read-status.ts";
import { noNames } from "../../shared/status/status.ts";
import { aHealth } from "../fixtures/a-status.ts";
import { anOperator } from "../fixtures/operators.ts";
import { aHolding, aRevocation, aState } from "../fixtures/principal-builders.ts";
import { storePrincipal } from "../fixtures/store-principal.ts";
import { type Stores, stores } from "./stores.ts";

describe.each(stores)("on %s", (_, start) => {
  let storage: Stores;
  beforeAll(async () => {
    storage = await start();
  }, 60_000);
  afterAll(() => storage.stop());

  test("one reading for the page stops at its bounds, and counts what it left out", async () => {
    const principals = storage.table();
    const waits = (index: number) => index === 2 || index === 7;
    for (let index = 0; index < 12; index += 1) {
      const revocations = waits(index) ? [aRevocation()] : [];
      const state: PrincipalState = {
        ...aState({ holdings: [aHolding()], revocations }),
        principalId: `p${index + 10}`,
      };
      await storePrincipal(principals, summarized(state));
    }
    const read = (heads: number) =>
      readStatus(
        {
          principals,
          health: async () => aHealth(),
          stop: async () => null,
          roleNames: async () => new Map(),
          names: noNames,
          clock: { now: Date.now },
          portal: null,
          runbook: null,
        },
        anOperator,
        { heads, people: 4, rows: 1000 },
      );
    expect(await read(12)).toMatchObject({
      pending: { total: 2 },
      upcoming: { total: 4 },
      notRead: { people: 8, waiting: 0, isAtLeast: false },
    });
    expect(await read(5)).toMatchObject({
      pending: { total: 1 },
      upcoming: { total: 4 },
      notRead: { people: 1, waiting: 0, isAtLeast: true },
    });
  });
});
