import { expect, test } from "vitest";
import { z } from "zod";
import { parseContent, StorageRowError } from "../../../shared/storage/table.ts";
import { canaries } from "../../fixtures/canaries.ts";

const schema = z.object({ schema: z.literal(1), since: z.record(z.string(), z.number()) });
const partition = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

const messageOf = (row: string, content: unknown): string => {
  try {
    parseContent({ partition, row, content }, schema);
    return "It was read.";
  } catch (error) {
    if (!(error instanceof StorageRowError)) throw error;
    return error.message;
  }
};

test("a row that cannot be read is named with the places that are wrong", () => {
  expect(messageOf("head", { schema: 2, since: { a: "x" } })).toContain(
    `Row head of partition ${partition} is not one that this version can read: see schema (invalid_value), since.a (invalid_type).`,
  );
});

test.each(Object.values(canaries))("never with %s, which another writer put into it or named it by", (canary) => {
  for (const content of [canary, { schema: canary, since: canary }, { schema: 1, since: { [canary]: canary } }]) {
    expect(messageOf(`holding|${canary}`, content)).not.toContain(canary);
    expect(messageOf(canary, content)).not.toContain(canary);
  }
});
