import { glob, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createStoredReportPace, loadCatchUp } from "../../../shared/audit-log/shared-state.ts";
import { loadStream } from "../../../shared/audit-log/stream.ts";
import { rowKey } from "../../../shared/base/keys.ts";
import { noteEnforcement, readWeakened } from "../../../shared/enforcement/changed-settings.ts";
import { loadElevations } from "../../../shared/enforcement/elevated-access.ts";
import { createScopeReader } from "../../../shared/enforcement/scope-reader.ts";
import { createControlStore, enterEnforcementState } from "../../../shared/enforcement/stop-and-resume.ts";
import { readRaised } from "../../../shared/enforcement/threshold.ts";
import { loadPrincipal } from "../../../shared/model/load-and-commit.ts";
import { takeLease } from "../../../shared/notifications/keep-subscriptions.ts";
import { loadDeliveries, loadEndCounts } from "../../../shared/notifications/reliability.ts";
import { loadStoredSubscriptions, subscriptionTimings } from "../../../shared/notifications/subscription-record.ts";
import { deliverNotice, purgeMailedPeople } from "../../../shared/notify/deliver.ts";
import { isNewsAgain } from "../../../shared/notify/news.ts";
import { noticeMessage } from "../../../shared/notify/notice.ts";
import { resendNotices, stoppedChannels } from "../../../shared/notify/undelivered.ts";
import { purgeOrders } from "../../../shared/operators/orders.ts";
import { loadDeadLetters } from "../../../shared/operators/pending.ts";
import { loadSettingProblems } from "../../../shared/operators/start-up.ts";
import { countWatched } from "../../../shared/reconcile/heads.ts";
import { loadHeads } from "../../../shared/reconcile/known-heads.ts";
import { openMassExpiries } from "../../../shared/reconcile/mass-expiry-store.ts";
import { loadResync } from "../../../shared/reconcile/resync.ts";
import { reviveHeartbeat } from "../../../shared/reconcile/wake-up.ts";
import { takeTurn } from "../../../shared/retention/purge.ts";
import { StorageRowError, type Table } from "../../../shared/storage/table.ts";
import { silentTelemetry } from "../../../shared/telemetry/telemetry.ts";
import { createFakeWorld, jane } from "../../fixtures/fake-world.ts";
import { type FrozenRow, readFrozen, type Version, versions, works } from "../../fixtures/frozen/frozen.ts";
import { createMemoryQueue, createMemoryTable } from "../../fixtures/memory-storage.ts";
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
  file: "model/load-and-commit.ts",
  partition: jane,
  row,
  read: (table) => loadPrincipal(table, jane),
});

/** Every kind of row that the app writes. */
const kinds: readonly Kind[] = [
  ofPrincipal("head"),
  ofPrincipal("holding|a"),
  ofPrincipal("ended|a"),
  ofPrincipal("revocation|role"),
  ofPrincipal("revocation|access"),
  ofPrincipal("revocation|rule"),
  ofPrincipal("attempt"),
  ofPrincipal("members|0"),
  ofPrincipal("fanout|a"),
  { file: "reconcile/heads.ts", partition: "groups", row: "watched", read: countWatched },
  { file: "reconcile/resync.ts", partition: "resync", row: "last", read: loadResync },
  {
    file: "reconcile/wake-up.ts",
    partition: "resync",
    row: "heartbeat",
    read: (state) => reviveHeartbeat({ state, heartbeats: queue, newId: () => "new", resyncEvery: 10_000 }),
    waits: false,
  },
  {
    file: "reconcile/mass-expiry-store.ts",
    partition: "massExpiry",
    row: new Date(now).toISOString(),
    read: (state) => openMassExpiries(state, now),
  },
  { file: "audit-log/shared-state.ts", partition: "audit", row: "catchUp", read: loadCatchUp },
  { file: "audit-log/stream.ts", partition: "audit", row: "stream", read: loadStream },
  {
    file: "audit-log/shared-state.ts",
    partition: "audit",
    row: "pace",
    read: (state) => createStoredReportPace(state, clock).turn("first"),
  },
  {
    file: "enforcement/stop-and-resume.ts",
    partition: "control",
    row: "stop",
    read: (state) => createControlStore(state).read(),
  },
  {
    file: "enforcement/stop-and-resume.ts",
    partition: "control",
    row: "lifted",
    read: (state) => createControlStore(state).read(),
    isNew: true,
  },
  {
    file: "enforcement/stop-and-resume.ts",
    partition: "control",
    row: "throttle",
    read: (state) => createControlStore(state).read(),
  },
  {
    file: "enforcement/stop-and-resume.ts",
    partition: "control",
    row: "enforcement",
    read: (state) => enterEnforcementState(state, { mode: "enforce", stopped: false }),
  },
  {
    file: "enforcement/scope-reader.ts",
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
  {
    file: "enforcement/changed-settings.ts",
    partition: "settings",
    row: "enforcement",
    async read(state) {
      await noteEnforcement(state, { numbers: {}, lists: {} }, silentTelemetry);
      return readWeakened(state);
    },
    waits: {},
  },
  {
    file: "enforcement/elevated-access.ts",
    partition: "elevated",
    row: "people",
    read: loadElevations,
    isNew: true,
  },
  { file: "reconcile/known-heads.ts", partition: "heads", row: "known", read: loadHeads },
  { file: "reconcile/known-heads.ts", partition: "heads", row: "gone", read: loadHeads },
  { file: "enforcement/threshold.ts", partition: "threshold", row: "planned", read: readRaised },
  {
    file: "operators/pending.ts",
    partition: "deadLetters",
    row: jane,
    read: loadDeadLetters,
    waits: { parked: [], unreadable: 1 },
  },
  { file: "operators/start-up.ts", partition: "settings", row: "problems", read: loadSettingProblems },
  {
    file: "operators/orders.ts",
    partition: "operations",
    row: "order",
    read: (state) => purgeOrders(state, Number.MAX_SAFE_INTEGER),
    waits: 0,
  },
  { file: "retention/purge.ts", partition: "retention", row: "purge", read: takeTurn, waits: null },
  {
    file: "notifications/subscription-record.ts",
    partition: "subscriptions",
    row: "users",
    read: loadStoredSubscriptions,
    waits: { records: new Map(), unreadable: ["users"] },
  },
  { file: "notifications/reliability.ts", partition: "deliveries", row: "users", read: loadDeliveries, waits: [] },
  { file: "notifications/reliability.ts", partition: "endCounts", row: "groups", read: loadEndCounts },
  {
    file: "notifications/keep-subscriptions.ts",
    partition: "keeper",
    row: "subscriptions",
    read: (state) => takeLease(state, true, subscriptionTimings),
  },
  {
    file: "notify/undelivered.ts",
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
    file: "notify/deliver.ts",
    partition: "mailedPeople",
    row: rowKey(jane, "a-key", "after"),
    read: async (state) => {
      await purgeMailedPeople(state, now + 1);
      return "purged what it can read";
    },
    waits: "purged what it can read",
    isNew: true,
  },
  {
    file: "notify/news.ts",
    partition: "notifiedAlarms",
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
    // `table.ts` says how a version is written: each `stored` is a kind.
    const forms = path === "storage/table.ts" ? [] : (text.match(/\bschema: z\.literal\(|: stored\(/g) ?? []);
    // Of an order this version reads two.
    declared.push(...forms.map(() => path).slice(path === "operators/orders.ts" ? 1 : 0));
  }
  expect(kinds.map(({ file }) => file).toSorted()).toEqual(declared.toSorted());
});

describe.each(kinds)("$file, $row", ({ partition, row, read, waits }) => {
  test.each([
    ["newer", 99],
    ["older than any", 0],
  ])("of a version that is %s is reported or waits, and left as it is", async (_, version) => {
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
  if (beginning !== "revocation") return rows;
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
