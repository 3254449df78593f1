import * as fc from "fast-check";
import { expect, test } from "vitest";
import { asUtf8, withoutMarks } from "../../../../../tools/replay/input/encodings.ts";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(chunks: AsyncIterable<Buffer>): Promise<string> {
  const read: Buffer[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read).toString();
}

test("byte order marks go wherever they stand and however the bytes are cut; everything else stays", async () => {
  const part = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\ufeff", "\uff21", "ï»", "{}"));
  await fc.assert(
    fc.asyncProperty(fc.array(part), fc.integer({ min: 1, max: 7 }), async (parts, size) => {
      const text = parts.join("").toWellFormed();
      expect(await all(withoutMarks(inPieces(Buffer.from(text), size)))).toBe(text.replaceAll("\ufeff", ""));
    }),
  );
});

test.each([
  ["small end first", (bytes: Buffer) => bytes],
  ["big end first", (bytes: Buffer) => bytes.swap16()],
])("UTF-16 without a mark, %s", async (_, ordered) => {
  const text = '{"activityDisplayName":"Add user","x":"日本語"}\n'.repeat(50);
  expect(await all(asUtf8(inPieces(ordered(Buffer.from(text, "utf16le")), 999)))).toBe(text);
});

test("UTF-8 in another script is not taken for UTF-16", async () => {
  const text = "日付 (UTC),サービス\n".repeat(50);
  expect(await all(asUtf8(inPieces(Buffer.from(text), 999)))).toBe(text);
});
