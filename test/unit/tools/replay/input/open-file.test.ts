import { join } from "node:path";
import { expect, test } from "vitest";
import { openFile } from "../../../../../tools/replay/input/open-file.ts";
import { temporaryFile } from "../../../../fixtures/temporary-file.ts";

async function read(path: string): Promise<readonly Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of openFile(path, () => {})) chunks.push(chunk);
  return chunks;
}

test("a file that is not there", async () => {
  const path = join(import.meta.dirname, "no-such-file.json");
  await expect(read(path)).rejects.toMatchObject({ code: "noFile", message: `There is no file ${path}.` });
});

test("a folder", async () => {
  await expect(read(import.meta.dirname)).rejects.toMatchObject({
    code: "unreadableFile",
    message: expect.stringContaining("is a folder"),
  });
});

test("a character of UTF-16 that falls between two reads stays whole", async () => {
  const text = `x${"蒋".repeat(70_000)}`;
  const chunks = await read(await temporaryFile("export", Buffer.from(`\ufeff${text}`, "utf16le")));
  expect(chunks.length).toBeGreaterThan(1);
  expect(Buffer.concat(chunks).toString().replace("\ufeff", "")).toBe(text);
});
