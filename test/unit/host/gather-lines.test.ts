import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { gatherLines } from "../../../local/host/gather-lines.ts";

function gathered() {
  const written: string[] = [];
  return { written, ...gatherLines((text) => written.push(text)) };
}

test("what one turn writes goes out together and in order, and the next turn's by itself", async () => {
  const { write, written } = gathered();
  write("a\n");
  write("b\n");
  expect(written).toEqual([]);
  await turn();
  write("c\n");
  await turn();
  expect(written).toEqual(["a\nb\n", "c\n"]);
});

test("a flush writes what is left at once, and once", async () => {
  const { write, flush, written } = gathered();
  write("a\n");
  flush();
  expect(written).toEqual(["a\n"]);
  await turn();
  flush();
  expect(written).toEqual(["a\n"]);
});
