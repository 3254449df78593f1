import { BACKSLASH, CLOSE, CLOSE_LIST, isBlank, NEWLINE, OPEN, OPEN_LIST, QUOTE } from "./bytes.ts";

/** How far the scan of one JSON value has come. */
export interface Scan {
  /** The next byte to read. */
  at: number;
  /** From 1. */
  line: number;
  /** Brackets that are open. */
  depth: number;
  isString: boolean;
}

/** `more`: the bytes are used up. `value`: the value has ended before `at`. */
type Found = "more" | "value" | { readonly listAt: number } | { readonly marginAt: number };

/** Tables of the bytes that change the state of the scan. Tables are fast, and the loops below see every byte of the file. */
const marks = (...bytes: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => Number(bytes.includes(byte)));
const inString = marks(QUOTE, BACKSLASH, NEWLINE);
const outside = marks(QUOTE, NEWLINE, OPEN, OPEN_LIST, CLOSE, CLOSE_LIST);

/**
 * Goes on to the end of the value, to a list in its outermost object, or to a line that begins with an object right at the margin.
 * @param margin blanks in front of a line that cannot be inside the value; null if there is none
 * @param isList whether to stop at the list that opens at this byte
 */
export function scanJson(bytes: Buffer, scan: Scan, margin: number | null, isList: (openAt: number) => boolean): Found {
  let { at, line, depth, isString } = scan;
  let found: Found = "more";
  const end = bytes.length;
  while (at < end && found === "more") {
    const stops = isString ? inString : outside;
    while (at < end && stops[bytes[at] ?? 0] === 0) at += 1;
    if (at >= end) break;
    const byte = bytes[at];
    if (byte === NEWLINE) {
      const next = firstOfLine(bytes, at + 1);
      if (next === end) break;
      line += 1;
      // A JSON string never continues on another line. One that seems to was never closed, and the text after it must not count as a string.
      isString = false;
      if (bytes[next] === OPEN && margin === next - at - 1) found = { marginAt: next };
    } else if (byte === QUOTE) isString = !isString;
    else if (byte === BACKSLASH) at += 1;
    else if (byte === OPEN || byte === OPEN_LIST) {
      depth += 1;
      if (depth === 2 && byte === OPEN_LIST && isList(at)) found = { listAt: at };
    } else {
      depth -= 1;
      if (depth === 0) found = "value";
    }
    at += 1;
  }
  Object.assign(scan, { at, line, depth, isString });
  return found;
}

function firstOfLine(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isBlank(bytes[at])) at += 1;
  return at;
}
