import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { plain } from "../../plain.ts";
import { ReplayError } from "../replay-error.ts";
import { asUtf8, withoutMarks } from "./encodings.ts";

const CHUNK = 64 * 1024;
/** The least bytes of the first chunk: the start of a file shows its kind, and a pipe may give few bytes at a time. */
const START = 16 * 1024;

/**
 * The text of a file as UTF-8 bytes without byte order marks, whether it is gzipped, UTF-8 or UTF-16 (what PowerShell 5 writes).
 * @param onRead called with the bytes read from the disk, e.g. for a progress bar
 * @throws ReplayError `noFile`, `unreadableFile`; zlib's own error where gzipped data is damaged or cut off
 */
export async function* openFile(path: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  const raw = withFullStart(rawBytes(path, onRead));
  const first = await raw.next();
  if (first.done) return;
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
  const bytes = again(first.value, raw);
  yield* withoutMarks(asUtf8(isGzip ? withFullStart(unzip(bytes)) : bytes));
}

/** Reads ahead by one chunk, while the one before is used up. */
async function* rawBytes(path: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  try {
    await using file = await open(path);
    const readChunk = () => file.read(Buffer.allocUnsafeSlow(CHUNK), 0, CHUNK);
    let next = readChunk();
    for (;;) {
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) return;
      next = readChunk();
      // Its failure comes out when its turn comes, and not before.
      next.catch(() => {});
      onRead(bytesRead);
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw explain(path, error);
  }
}

async function* again(first: Buffer, others: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

async function* withFullStart(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
    if (start.length < START) continue;
    yield start;
    start = undefined;
  }
  if (start !== undefined && start.length > 0) yield start;
}

function unzip(bytes: AsyncGenerator<Buffer>): AsyncIterable<Buffer> {
  // The loop over the result gets every error; pipeline only requires a callback of its own.
  return pipeline(bytes, createGunzip({ chunkSize: CHUNK }), () => {});
}

function explain(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return new ReplayError("noFile", `There is no file ${plain(path)}.`, { cause: error });
  if (code === "EISDIR") {
    return new ReplayError("unreadableFile", `${plain(path)} is a folder: name the files in it.`, { cause: error });
  }
  if (typeof code === "string" && !code.startsWith("Z_")) {
    return new ReplayError("unreadableFile", `${plain(path)} cannot be read (${code}).`, { cause: error });
  }
  return error;
}
