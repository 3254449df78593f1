import { expect, test } from "vitest";
import { createUnreadable } from "../../../../../tools/replay/input/unreadable.ts";

test("all are counted, the first hundred kept", () => {
  const unreadable = createUnreadable();
  for (let n = 1; n <= 250; n += 1) unreadable.add("a.json", `line ${n}, record ${n}`, "is not valid JSON");
  unreadable.add("a.json", "line 251, record 251", "has no result", true);
  const { count, reporting, places } = unreadable.report();
  expect([count, reporting]).toEqual([251, 1]);
  expect(places).toHaveLength(100);
  expect(places[99]).toEqual({ file: "a.json", position: "line 100, record 100", problem: "is not valid JSON" });
});

test("what another one counted is added", () => {
  const [one, other] = [createUnreadable(), createUnreadable()];
  one.add("a.json", "line 1, record 1", "is not valid JSON");
  for (let n = 1; n <= 120; n += 1) other.add("b.json", `line ${n}, record ${n}`, "has no result", true);
  one.merge(other.report());
  expect(one.report()).toMatchObject({ count: 121, reporting: 120, places: { length: 100 } });
});
