import { expect, test } from "vitest";
import { headRow, loadPrincipal, revocationPrefix } from "../../../shared/model/load-and-commit.ts";
import { emptyHead } from "../../../shared/model/principal.ts";
import { createPurge } from "../../../shared/retention/purge.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";
import { aRevocation } from "../../fixtures/principal-builders.ts";

const day = 24 * 3_600_000;
const hopeless = Array.from({ length: 501 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
const last = "ffffffff-0000-4000-8000-000000000000";

function create() {
  let now = Date.UTC(2026, 0, 1);
  const [principals, state] = [createMemoryTable({ now: () => now }), createMemoryTable({ now: () => now })];
  const recorded: unknown[] = [];
  const purge = createPurge({
    principals,
    state,
    keepFor: 31 * day,
    clock: { monotonic: () => now },
    telemetry: {
      event: (_name, properties) => void recorded.push(properties),
      alarm: () => undefined,
      measure: () => undefined,
    },
  });
  const pass = async (milliseconds: number) => {
    now += milliseconds;
    await purge();
  };
  return { principals, recorded, pass };
}

const progress = { state: "closed", outcome: "stale", closedAt: 0, acceptedAt: null, verified: false, detail: null };
const past = { schema: 1, ...aRevocation({ key: "past" }), progress };

test("more principals than one pass takes, of whom none can be purged, hold up nobody behind them", async () => {
  const { principals, recorded, pass } = create();
  const insert = (row: string, content: unknown) => ({ type: "insert", row: revocationPrefix + row, content }) as const;
  for (const id of hopeless)
    await principals.commit(id, [insert("past", past), insert("of a newer version", { schema: 2 })]);
  // Without a head it would be a principal whose rows were deleted.
  await principals.commit(last, [
    { type: "insert", row: headRow, content: { schema: 1, ...emptyHead } },
    insert("past", past),
  ]);
  const left = async () => (await loadPrincipal(principals, last)).state.revocations.size;

  await pass(0);
  expect([await left(), recorded.length]).toEqual([1, 1]);
  await pass(60_000);
  expect(await left()).toBe(0);
  await pass(60_000);
  await pass(12 * 3_600_000);
  expect(recorded).toMatchObject([
    { principals: 500, records: 0 },
    { principals: 2, records: 1 },
  ]);

  // The next day it begins anew.
  await pass(day);
  await pass(60_000);
  expect(recorded.slice(2)).toMatchObject([{ principals: 500 }, { principals: 1 }]);
});
