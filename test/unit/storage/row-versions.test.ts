import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadPrincipal } from "../../../shared/assignments/load-principal.ts";
import { revivePulse } from "../../../shared/assignments/pulse.ts";
import { loadResync } from "../../../shared/assignments/resync-record.ts";
import { liveRushes } from "../../../shared/assignments/rush-store.ts";
import { loadCatchUp } from "../../../shared/audits/catch-up-record.ts";
import { createStoredReportPace } from "../../../shared/audits/stored-report-pace.ts";
import { loadStream } from "../../../shared/audits/stream-record.ts";
import { countWatched } from "../../../shared/groups/watched-groups.ts";
import { deliverNotice } from "../../../shared/notify/deliver.ts";
import { noticeMessage } from "../../../shared/notify/notice.ts";
import { stoppedChannels } from "../../../shared/notify/stopped.ts";
import { isNewsAgain } from "../../../shared/notify/told-alarms.ts";
import { purgeToldPeople } from "../../../shared/notify/told-people.ts";
import { resendNotices } from "../../../shared/notify/undelivered.ts";
import { loadSettingProblems } from "../../../shared/operations/check-settings.ts";
import { loadDeadLetters } from "../../../shared/operations/dead-letters.ts";
import { purgeOrders } from "../../../shared/operations/order-record.ts";
import { takeTurn } from "../../../shared/retention/purge-turn.ts";
import { createControlStore } from "../../../shared/revocation/control.ts";
import { enterPosture } from "../../../shared/revocation/posture.ts";
import { createScopeReader } from "../../../shared/revocation/scope-reader.ts";
import { readRaised } from "../../../shared/revocation/threshold-ledger.ts";
import { rowKey } from "../../../shared/storage/document-keys.ts";
import { createMemoryQueue } from "../../../shared/storage/memory-queue.ts";
import { createMemoryTable } from "../../../shared/storage/memory-table.ts";
import { StorageRowError } from "../../../shared/storage/storage-errors.ts";
import type { Table } from "../../../shared/storage/table.ts";
import { loadDeliveries } from "../../../shared/subscriptions/deliveries.ts";
import { takeLease } from "../../../shared/subscriptions/keeper-lease.ts";
import { loadStoredSubscriptions } from "../../../shared/subscriptions/subscription-record.ts";
import { subscriptionTimings } from "../../../shared/subscriptions/subscription-timings.ts";
import { loadToldEnds } from "../../../shared/subscriptions/told-ends.ts";
import { silentTelemetry } from "../../../shared/telemetry/silent-telemetry.ts";
import { createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { type FrozenRow, readFrozen, type Version, versions, works } from "../../fixtures/frozen/frozen.ts";
import { createNotifyWorld } from "../../fixtures/notify-world.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const now = Date.UTC(2026, 0, 5);
const { clock } = createFakeWorld();
const queue = createMemoryQueue({ now: () => now });

interface Kind {
  /** Where the form of the row is declared. */
  readonly file: string;
  readonly partition: string;
  readonly row: string;
  readonly read: (table: Table) => Promise<unknown>;
  /** What comes of it where nothing is asked to be done: a thing that waits. */
  readonly waits?: unknown;
  /** No version that is frozen wrote it yet. */
  readonly isNew?: true;
}

const ofPrincipal = (row: string): Kind => ({
  file: "assignments/principal-rows.ts",
  partition: jane,
  row,
  read: (table) => loadPrincipal(table, jane),
});

/** Every kind of row that the app writes. */
const kinds: readonly Kind[] = [
  ofPrincipal("head"),
  ofPrincipal("holding|a"),
  ofPrincipal("ended|a"),
  ofPrincipal("obligation|role"),
  ofPrincipal("obligation|access"),
  ofPrincipal("obligation|rule"),
  ofPrincipal("attempt"),
  ofPrincipal("members|0"),
  ofPrincipal("fanout|a"),
  { file: "groups/watched-groups.ts", partition: "groups", row: "watched", read: countWatched },
  { file: "assignments/resync-record.ts", partition: "resync", row: "last", read: loadResync },
  {
    file: "assignments/pulse.ts",
    partition: "resync",
    row: "pulse",
    read: (state) => revivePulse({ state, pulses: queue, newId: () => "new", resyncEvery: 10_000 }),
    waits: false,
  },
  {
    file: "assignments/rush-store.ts",
    partition: "rush",
    row: new Date(now).toISOString(),
    read: (state) => liveRushes(state, now),
  },
  { file: "audits/catch-up-record.ts", partition: "audit", row: "catchUp", read: loadCatchUp },
  { file: "audits/stream-record.ts", partition: "audit", row: "stream", read: loadStream },
  {
    file: "audits/stored-report-pace.ts",
    partition: "audit",
    row: "pace",
    read: (state) => createStoredReportPace(state, clock).turn("first"),
  },
  {
    file: "revocation/control.ts",
    partition: "control",
    row: "stop",
    read: (state) => createControlStore(state).read(),
  },
  {
    file: "revocation/control.ts",
    partition: "control",
    row: "throttle",
    read: (state) => createControlStore(state).read(),
  },
  {
    file: "revocation/posture.ts",
    partition: "control",
    row: "posture",
    read: (state) => enterPosture(state, { mode: "enforce", stopped: false }),
  },
  {
    file: "revocation/scope-reader.ts",
    partition: "scope",
    row: jane,
    read: (state) =>
      createScopeReader({
        settings: { included: new Set([jane]), excluded: new Set() },
        state,
        readListed: async () => ({ value: [], date: now, at: 0 }),
        clock,
        telemetry: silentTelemetry,
      })(),
    waits: expect.objectContaining({ problems: expect.anything() }),
  },
  { file: "revocation/threshold-ledger.ts", partition: "threshold", row: "planned", read: readRaised },
  {
    file: "operations/dead-letters.ts",
    partition: "deadLetters",
    row: jane,
    read: loadDeadLetters,
    waits: { parked: [], unreadable: 1 },
  },
  { file: "operations/check-settings.ts", partition: "settings", row: "problems", read: loadSettingProblems },
  {
    file: "operations/order-record.ts",
    partition: "operations",
    row: "order",
    read: (state) => purgeOrders(state, Number.MAX_SAFE_INTEGER),
    waits: 0,
  },
  { file: "retention/purge-turn.ts", partition: "retention", row: "purge", read: takeTurn, waits: null },
  {
    file: "subscriptions/subscription-record.ts",
    partition: "subscriptions",
    row: "users",
    read: loadStoredSubscriptions,
    waits: { records: new Map(), unreadable: ["users"] },
  },
  { file: "subscriptions/deliveries.ts", partition: "deliveries", row: "users", read: loadDeliveries, waits: [] },
  { file: "subscriptions/told-ends.ts", partition: "toldEnds", row: "groups", read: loadToldEnds },
  {
    file: "subscriptions/keeper-lease.ts",
    partition: "keeper",
    row: "subscriptions",
    read: (state) => takeLease(state, true, subscriptionTimings),
  },
  {
    file: "notify/stopped.ts",
    partition: "stoppedChannels",
    row: "1",
    read: (state) => stoppedChannels(state),
    waits: [],
    isNew: true,
  },
  {
    file: "notify/gather.ts",
    partition: "gathered",
    row: rowKey("1", new Date(now).toISOString(), jane, "a-key"),
    async read(state) {
      const { dependencies, got } = createNotifyWorld([{ number: 1, format: "teams" }], []);
      await deliverNotice(noticeMessage({ minute: now, channel: 1, tries: 0 }), { ...dependencies, state });
      return got;
    },
    waits: [],
    isNew: true,
  },
  {
    file: "notify/told-people.ts",
    partition: "toldPeople",
    row: rowKey(jane, "a-key", "after"),
    read: async (state) => {
      await purgeToldPeople(state, now + 1);
      return "purged what it can read";
    },
    waits: "purged what it can read",
    isNew: true,
  },
  {
    file: "notify/told-alarms.ts",
    partition: "toldAlarms",
    row: "auditGap",
    read: (state) => isNewsAgain(state, "auditGap"),
    waits: true,
    isNew: true,
  },
  {
    file: "notify/undelivered.ts",
    partition: "undelivered",
    row: jane,
    read: (state) => resendNotices(state, queue),
    waits: { notices: 0, unreadable: 1 },
  },
];

test("every kind of row is in the table above: a new one has to say what becomes of other versions", async () => {
  const declared: string[] = [];
  for await (const path of glob("**/*.ts", { cwd: `${root}shared` })) {
    const text = await readFile(`${root}shared/${path}`, "utf8");
    // `row-schema.ts` says how a version is written: each `stored` is a kind.
    const forms = path === "assignments/row-schema.ts" ? [] : (text.match(/\bschema: z\.literal\(|: stored\(/g) ?? []);
    // Of an order this version reads two.
    declared.push(...forms.map(() => path).slice(path === "operations/order-record.ts" ? 1 : 0));
  }
  expect(kinds.map(({ file }) => file).toSorted()).toEqual(declared.toSorted());
});

describe.each(kinds)("$file, $row", ({ partition, row, read, waits }) => {
  test.each([
    ["newer", 99],
    ["older than any", 0],
  ])("of a version that is %s is told or waits, and left as it is", async (_, version) => {
    const table = createMemoryTable({ now: () => now });
    const content = { schema: version, principalId: jane, users: [], at: "?" };
    await table.commit(partition, [{ type: "insert", row, content }]);
    const before = (await table.get(partition, row)).value;
    if (waits === undefined) await expect(read(table)).rejects.toThrow(StorageRowError);
    else expect(await read(table)).toEqual(waits);
    expect((await table.get(partition, row)).value).toEqual(before);
  });
});

/** What a version wrote of this kind, to the letter. */
async function frozenOf({ partition, row }: Kind, version: Version): Promise<readonly FrozenRow[]> {
  const left = await Promise.all(works.map((work) => readFrozen(version, work)));
  const [beginning] = row.split("|");
  if (partition !== jane) return left.flatMap(({ state }) => state).filter((found) => found.partition === partition);
  const rows = left.flatMap(({ principals }) => principals).filter((found) => found.row.split("|")[0] === beginning);
  if (beginning !== "obligation") return rows;
  return rows.filter(({ content }) =>
    row.endsWith("access" in content ? "access" : "activity" in content ? "rule" : "role"),
  );
}

describe.each(versions)("as %s wrote it", (version) => {
  test.each(kinds)("$file, $row is still read", async (kind) => {
    const frozen = (await frozenOf(kind, version)).filter(
      ({ row }) => kind.partition !== "control" || row === kind.row,
    );
    expect(frozen.length > 0).toBe(kind.isNew !== true);
    for (const { row, content } of frozen) {
      const { seal: _, ...written } = content;
      const table = createMemoryTable({ now: () => now });
      await table.commit(kind.partition, [{ type: "insert", row, content: written }]);
      await kind.read(table);
    }
  });
});

test("an order of the version before is purged like any other: its row's time is when it was given", async () => {
  const table = createMemoryTable({ now: () => now });
  await table.commit("operations", [{ type: "insert", row: "old", content: { schema: 1, by: jane, action: "stop" } }]);
  expect(await purgeOrders(table, now)).toBe(0);
  expect(await purgeOrders(table, now + 1)).toBe(1);
});
