import { describe, expect, test } from "vitest";
import { dueAgain, isJudged } from "../../../shared/audit-log/read-again.ts";
import { emptyHead, type Head } from "../../../shared/model/principal.ts";
import {
  type Gone,
  loadHeads,
  mostGone,
  mostKnown,
  noteHeads,
  noticeVanished,
  saveHeads,
} from "../../../shared/reconcile/known-heads.ts";
import type { ResyncRecord } from "../../../shared/reconcile/resync.ts";
import { StorageConflictError, type Table } from "../../../shared/storage/table.ts";
import { createMemoryTable } from "../../fixtures/memory-storage.ts";

const head = (over: Partial<Head> & { readonly isForged?: true } = {}) => ({ ...emptyHead, ...over });
const holding = head({ kind: "user", listed: ["a role"] });
const gone = (since: number, judgedAt: number | null = null): Gone => ({ since, judgedAt });
const none = new Map<string, Gone>();
const aResyncRecord: ResyncRecord = {
  startedAt: 0,
  finishedAt: 0,
  graphDate: 0,
  open: 0,
  openSince: null,
  held: 0,
  inReview: 0,
  exposed: 0,
  exposedUntil: null,
  watchedUsers: 0,
  known: 0,
  notBefore: null,
  error: null,
};
const guids = (count: number) =>
  Array.from({ length: count }, (_, n) => `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`);

describe("heads that are remembered", () => {
  test.each([
    ["a role that PIM lists", { listed: ["a role"] }, true],
    ["a pass that is due", { wakeAt: 1 }, true],
    ["an end without an outcome", { openSince: 1 }, true],
    ["the members of a group", { kind: "group" }, true],
    ["nothing", {}, false],
  ] as const)("%s", (_, over, isKnown) => {
    expect(noteHeads([], none, new Map([["a", head(over)]]), 5).known).toEqual(isKnown ? ["a"] : []);
  });

  test("one that is forged or cannot be read stays as it was: nobody can crowd out others with rows of theirs", () => {
    const heads = new Map([
      ["a", head({ isForged: true, listed: ["x"] })],
      ["b", null],
      ["c", head({ isForged: true, listed: ["x"] })],
    ]);
    expect(noteHeads(["a", "b"], none, heads, 5)).toMatchObject({ known: ["a", "b"], missing: [] });
  });

  test("one that holds nothing any more is forgotten, and its absence means nothing", () => {
    expect(noteHeads(["a"], none, new Map([["a", head({ kind: "user" })]]), 5).known).toEqual([]);
  });
});

describe("heads that vanish", () => {
  test("are raised once, get passes while they are missing, and noted until they are judged", () => {
    const first = noteHeads(["a", "b"], none, new Map([["b", holding]]), 5);
    expect(first).toEqual({ known: ["b"], gone: new Map([["a", gone(5)]]), vanished: ["a"], missing: ["a"] });
    const again = noteHeads(first.known, new Map([["a", gone(5, 6)]]), new Map([["b", holding]]), 7);
    expect(again).toMatchObject({ gone: new Map([["a", gone(7, 6)]]), vanished: [], missing: ["a"] });
    const back = noteHeads(
      again.known,
      again.gone,
      new Map([
        ["a", head()],
        ["b", holding],
      ]),
      9,
    );
    expect(back).toMatchObject({ gone: new Map([["a", gone(7, 6)]]), vanished: [], missing: [] });
  });

  test("so does a principal whose head says that rows are gone, or whose known head is spoilt; neither needs another pass", () => {
    const heads = new Map([
      ["a", head({ incomplete: true })],
      ["b", head({ isForged: true })],
      ["invented", head({ isForged: true })],
    ]);
    const first = noteHeads(["b"], none, heads, 5);
    expect(first).toMatchObject({ known: ["b"], vanished: ["b", "a"].toSorted(), missing: [] });
    expect([...first.gone.keys()].toSorted()).toEqual(["a", "b"]);
    expect(noteHeads(first.known, first.gone, heads, 7)).toMatchObject({
      vanished: [],
      gone: new Map([
        ["a", gone(7)],
        ["b", gone(7)],
      ]),
    });
  });

  test("all at once: what does not fit is noticed later, and both rows fit into a table", async () => {
    const ids = guids(mostKnown + 100);
    const full = noteHeads([], none, new Map(ids.map((id) => [id, holding])), 5);
    expect(full.known).toHaveLength(mostKnown);
    const { known, gone: noted, vanished } = noteHeads(full.known, none, new Map(), Date.UTC(2026, 0));
    expect([known.length, noted.size, vanished.length]).toEqual([mostKnown - mostGone, mostGone, mostGone]);
    const table = createMemoryTable({ now: () => 0 });
    const judged = new Map(guids(mostGone).map((id) => [id, gone(Date.UTC(2026, 0), Date.UTC(2026, 0))]));
    await saveHeads(table, await loadHeads(table), { known: full.known, gone: judged });
    expect(await loadHeads(table)).toMatchObject({ known: full.known, gone: judged });
    // 1 MiB, two bytes for a character (Azure docs: Understanding the Table service data model).
    for (const content of [full.known, Object.fromEntries(judged)]) {
      expect(2 * JSON.stringify(content).length).toBeLessThan(1_000_000);
    }
  });
});

describe("those whose rows vanished", () => {
  test("are asked about three at a time, each once a minute, the longest waiting first", () => {
    const all = new Map([
      ["a", gone(0, 50_000)],
      ["b", gone(0, 2)],
      ["c", gone(0)],
      ["d", gone(0, 1)],
      ["e", gone(0, 3)],
    ]);
    expect(dueAgain(all, 100_000)).toEqual(["c", "d", "b"]);
  });

  test.each([
    { one: gone(0), foundNothing: true, now: 9_000_000, judged: false },
    { one: gone(0, 1), foundNothing: true, now: 2, judged: true },
    { one: gone(0, 1), foundNothing: false, now: 3_599_999, judged: false },
    { one: gone(0, 1), foundNothing: false, now: 3_600_000, judged: true },
  ])("are done with when a second reading finds nothing new, or after an hour: $judged", (given) => {
    expect(isJudged(given.one, given.foundNothing, given.now)).toBe(given.judged);
  });
});

describe("what the resync makes of it", () => {
  const raised: { name: string; properties: object }[] = [];
  const telemetry = {
    event: () => undefined,
    measure: () => undefined,
    alarm: (name: string, properties: object) => void raised.push({ name, properties }),
  };
  const heads = new Map([["a", holding]]);
  const record = (known: number) => ({ ...aResyncRecord, known });
  const world = () => {
    raised.length = 0;
    return { state: createMemoryTable({ now: () => 5000 }), telemetry };
  };

  test("remembers the heads, and raises those that vanished", async () => {
    const dependencies = world();
    expect(await noticeVanished(null, heads, dependencies)).toEqual({ missing: [], known: 1 });
    expect(await noticeVanished(record(1), new Map(), dependencies)).toMatchObject({ missing: ["a"] });
    expect(raised).toEqual([{ name: "rowsVanished", properties: { principalId: "a", principals: 1 } }]);
  });

  test("raises that the list of heads itself was deleted, and the resync's record", async () => {
    const dependencies = world();
    await noticeVanished(record(3), heads, dependencies);
    await noticeVanished(null, heads, dependencies);
    expect(raised).toEqual([
      { name: "rowsVanished", properties: { partition: "heads", principals: 3 } },
      { name: "rowsVanished", properties: { partition: "resync", principals: 1 } },
    ]);
  });

  test("leaves rows of another version alone, and says so", async () => {
    const dependencies = world();
    await dependencies.state.commit("heads", [{ type: "insert", row: "known", content: { schema: 2 } }]);
    expect(await noticeVanished(record(7), heads, dependencies)).toEqual({ missing: [], known: 7 });
    expect(raised).toEqual([
      { name: "rowUnreadable", properties: { partition: "heads", row: "known", code: "STORAGE_ROW_UNREADABLE" } },
    ]);
  });

  test("leaves the notes to another instance that was first", async () => {
    const { state, telemetry } = world();
    const late: Table = {
      ...state,
      commit: () => Promise.reject(new StorageConflictError("another instance was first")),
    };
    expect(await noticeVanished(null, heads, { state: late, telemetry })).toEqual({ missing: [], known: 1 });
    expect(raised).toEqual([]);
  });
});
