import { expect, test } from "vitest";
import { createTenantClock } from "../../../local/tenant/clock.ts";
import { createRandom } from "../../../local/tenant/random.ts";
import { createReplicatedStore } from "../../../local/tenant/replication.ts";

function store(lagsMs: number[]) {
  const clock = createTenantClock({ epoch: 0, scale: 0 });
  const rows = createReplicatedStore<string>(clock, createRandom(7));
  rows.configure({ lagsMs });
  const readFrom = (replica: number) => {
    rows.configure({ force: replica });
    return rows.read().get("key");
  };
  return { clock, rows, readFrom };
}

test("without lag a read shows the last write", () => {
  const { rows } = store([0]);
  rows.put("key", "value");
  expect(rows.read().get("key")).toBe("value");
  rows.remove("key");
  expect(rows.read().size).toBe(0);
});

test("each replica follows after its own lag", () => {
  const { clock, rows, readFrom } = store([0, 1000]);
  rows.put("key", "value");
  expect([readFrom(0), readFrom(1)]).toEqual(["value", undefined]);
  clock.jump(999);
  expect(readFrom(1)).toBeUndefined();
  clock.jump(1);
  expect(readFrom(1)).toBe("value");
});

test("shows when the first and when the last replica has a change", () => {
  const { clock, rows } = store([200, 1000, 500]);
  const shown: [string, number][] = [];
  rows.put("key", "value", (by) => shown.push([by, clock.now()]));
  clock.jump(5000);
  expect(shown).toEqual([
    ["first", 200],
    ["last", 1000],
  ]);
});

test("a held replica stays behind until it is released, then catches up in order", () => {
  const { clock, rows, readFrom } = store([0, 0]);
  rows.put("key", "old");
  rows.hold(1);
  rows.put("key", "new");
  rows.remove("key");
  clock.jump(60_000);
  expect([readFrom(0), readFrom(1)]).toEqual([undefined, "old"]);
  rows.release(1);
  expect(readFrom(1)).toBeUndefined();
});

test("a smaller lag does not let a later change overtake an earlier one", () => {
  const { clock, rows, readFrom } = store([1000]);
  rows.put("key", "first");
  rows.configure({ lagsMs: [0] });
  rows.put("key", "second");
  expect(readFrom(0)).toBeUndefined();
  clock.jump(1000);
  expect(readFrom(0)).toBe("second");
});

test("reads go to any replica unless one is forced", () => {
  const { rows } = store([0, 60_000]);
  rows.put("key", "value");
  const seen = new Set(Array.from({ length: 50 }, () => rows.read().get("key")));
  expect(seen).toEqual(new Set(["value", undefined]));
});

test("a replica that is taken away has nothing left to apply; a new one starts from the primary", () => {
  const { rows, readFrom } = store([0, 60_000]);
  const shown: string[] = [];
  rows.put("key", "value", (by) => shown.push(by));
  rows.configure({ lagsMs: [0] });
  expect(shown).toEqual(["first", "last"]);
  rows.configure({ lagsMs: [0, 60_000] });
  expect(readFrom(1)).toBe("value");
});
