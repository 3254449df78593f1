import { TextDecoder } from "node:util";

/** Bytes read to recognise UTF-16 by its zeros. */
const SAMPLE = 1024;
const MARK = Buffer.from("\ufeff");

/** Converts UTF-16 in either byte order to UTF-8; every other file counts as UTF-8. */
export async function* asUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | null | undefined;
  for await (const chunk of chunks) {
    decoder ??= decoderFor(chunk);
    yield decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk;
  }
  if (decoder) yield Buffer.from(decoder.decode());
}

/**
 * Recognises UTF-16 by its byte order mark, or without one by its zeros: the keys of JSON and the delimiters of CSV are ASCII, and
 * UTF-16 writes every second byte of ASCII as zero.
 */
function decoderFor(start: Buffer): TextDecoder | null {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder("utf-16le");
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder("utf-16be");
  const sample = start.subarray(0, SAMPLE);
  const zeros = [0, 0];
  for (const [at, byte] of sample.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > sample.length / 8 && odd > 4 * even) return new TextDecoder("utf-16le");
  if (even > sample.length / 8 && even > 4 * odd) return new TextDecoder("utf-16be");
  return null;
}

/** Leaves out every byte order mark: a file that was joined from several may have one at each joint. */
export async function* withoutMarks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    const begun = beginsMark(bytes);
    held = Buffer.from(bytes.subarray(bytes.length - begun));
    yield* betweenMarks(bytes.subarray(0, bytes.length - begun));
  }
  if (held.length > 0) yield held;
}

/** Number of bytes at the end that may be the beginning of a mark. */
function beginsMark(bytes: Buffer): number {
  for (const count of [2, 1]) {
    const end = bytes.subarray(Math.max(0, bytes.length - count));
    if (end.length === count && end.equals(MARK.subarray(0, count))) return count;
  }
  return 0;
}

function* betweenMarks(bytes: Buffer): Generator<Buffer> {
  let from = 0;
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, from)) {
    if (at > from) yield bytes.subarray(from, at);
    from = at + MARK.length;
  }
  if (from < bytes.length) yield bytes.subarray(from);
}
