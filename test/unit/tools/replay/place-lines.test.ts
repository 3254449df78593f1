import { expect, test } from "vitest";
import { placeLines } from "../../../../tools/replay/place-lines.ts";

test("every fault by its place, every cure once", () => {
  const place = (position: string, problem: string) => ({ file: "a.json", position, problem });
  const places = [
    place("line 1", "has no Result. Export it, too"),
    place("line 2", "is not valid JSON"),
    place("line 3", "has no Result. Export it, too"),
  ];
  expect(placeLines(places, ({ file, position }) => `${file}, ${position}`)).toEqual([
    "a.json, line 1: has no Result",
    "a.json, line 2: is not valid JSON",
    "a.json, line 3: has no Result",
    "Export it, too.",
  ]);
});
