import { expect, test } from "vitest";
import { createUnreadable } from "../../../../shared/replay/input/unreadable.ts";

test("all are counted, the first hundred kept", () => {
  const unreadable = createUnreadable();
  for (let n = 1; n <= 250; n += 1) unreadable.add("a.json", `line ${n}, record ${n}`, "is not valid JSON");
  const { count, places } = unreadable.report();
  expect(unreadable.count()).toBe(250);
  expect(count).toBe(250);
  expect(places).toHaveLength(100);
  expect(places[99]).toEqual({ file: "a.json", position: "line 100, record 100", problem: "is not valid JSON" });
});
