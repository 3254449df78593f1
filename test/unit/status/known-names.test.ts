import { expect, test } from "vitest";
import { GraphRetryableError } from "../../../shared/graph/errors.ts";
import { createKnownNames } from "../../../shared/status/status.ts";

const id = (index: number): string => `0a1b2c3d-0000-4000-8000-${String(index).padStart(12, "0")}`;

function createWorld() {
  const asked: { kind: string; ids: readonly string[] }[] = [];
  const world = { now: 0, fails: false };
  const names = createKnownNames({
    read: async (kind, ids) => {
      if (world.fails) throw new GraphRetryableError("no", { code: "timeout", reason: "unavailable" });
      asked.push({ kind, ids });
      return new Map(ids.filter((one) => one !== id(9)).map((one) => [one, `${kind} ${one.at(-1)}`]));
    },
    clock: { monotonic: () => world.now },
  });
  return { asked, world, names };
}

test("names are read once, kept for some minutes, and read anew", async () => {
  const { asked, world, names } = createWorld();
  const wanted = { users: [id(1), id(1), id(9), "no id"], groups: [id(2)] };
  expect(await names(wanted)).toEqual({ [id(1)]: "user 1", [id(2)]: "group 2" });
  await names(wanted);
  expect(asked).toEqual([
    { kind: "user", ids: [id(1), id(9)] },
    { kind: "group", ids: [id(2)] },
  ]);
  world.now += 5 * 60_000;
  await names(wanted);
  expect(asked).toHaveLength(4);
});

test("one page asks about sixty at most; the next about the others", async () => {
  const { asked, names } = createWorld();
  const users = Array.from({ length: 100 }, (_, index) => id(100 + index));
  expect(Object.keys(await names({ users, groups: [] }))).toHaveLength(60);
  expect(Object.keys(await names({ users, groups: [] }))).toHaveLength(100);
  expect(asked.map(({ ids }) => ids.length)).toEqual([60, 40]);
});

test("a page without names is better than none", async () => {
  const { world, names } = createWorld();
  world.fails = true;
  expect(await names({ users: [id(1)], groups: [] })).toEqual({});
});
