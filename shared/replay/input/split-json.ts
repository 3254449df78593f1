/** A JSON object cut out of a file, or the place of something that is none. */
export type JsonPiece =
  /** `bytes` are only good until the next `push`. */
  | { readonly line: number; readonly record: number; readonly bytes: Buffer }
  | { readonly line: number; readonly record: number; readonly broken: string };

export interface JsonSplitter {
  push(chunk: Buffer): readonly JsonPiece[];
  end(): readonly JsonPiece[];
}

/** A list whose elements are records: a bare one, or the one inside `{"value":[...]}` or `{"records":[...]}`. */
interface List {
  readonly isWrapped: boolean;
  readonly margin: Margin | null;
}

/** Where a value that began a line began: what begins the same way cannot be inside it. */
interface Margin {
  readonly indent: number;
  /** How many lists were open there. */
  readonly lists: number;
}

/** Bytes. No audit record comes near; a file of another kind must not fill the memory. */
const LONGEST = 16 * 1024 * 1024;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const NEWLINE = 0x0a;
const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/**
 * Cuts a stream of bytes into its records without parsing them: JSON lines, one list, pages and envelopes one after the other, on one
 * line or on many. Pure scanning is what makes a million records a matter of seconds. A record that never closes is given up where
 * a line begins like it did, so that one broken line costs no other.
 */
export function createJsonSplitter(): JsonSplitter {
  let buffer: Buffer = Buffer.alloc(0);
  let at = 0;
  let line = 1;
  let record = 0;
  let mode: "between" | "inside" | "afterList" | "junk" = "between";
  let start = 0;
  let startLine = 1;
  let depth = 0;
  let isString = false;
  /** Blanks since the line began; -1 when there was something else. */
  let indent = 0;
  let margin: Margin | null = null;
  const lists: List[] = [];
  let pieces: JsonPiece[] = [];

  const give = (broken: string) => {
    record += 1;
    pieces.push({ line: startLine, record, broken });
  };

  function between(): void {
    const byte = buffer[at];
    if (byte === NEWLINE) {
      line += 1;
      indent = 0;
    } else if (isBlank(byte)) {
      if (indent >= 0) indent += 1;
    } else if (byte === OPEN) {
      const isCompact =
        indent === 0 ? at + 1 < buffer.length && buffer[at + 1] !== NEWLINE && buffer[at + 1] !== 0x0d : true;
      margin = indent >= 0 && isCompact ? { indent, lists: lists.length } : (lists.at(-1)?.margin ?? null);
      [mode, start, startLine, depth, isString, indent] = ["inside", at, line, 1, false, -1];
    } else if (byte === OPEN_LIST) {
      lists.push({ isWrapped: false, margin: null });
      indent = -1;
    } else if (byte === CLOSE_LIST && lists.length > 0) {
      const list = lists.pop();
      indent = -1;
      if (list?.isWrapped) [mode, startLine, depth, isString, margin] = ["afterList", line, 1, false, list.margin];
    } else if (byte === COMMA) {
      indent = -1;
    } else {
      [mode, startLine] = ["junk", line];
      return;
    }
    at += 1;
  }

  /** @returns false when more bytes are needed */
  function inside(): boolean {
    const bytes = buffer;
    const end = bytes.length;
    let i = at;
    let quoted = isString;
    let open = depth;
    for (; i < end; i += 1) {
      const byte = bytes[i];
      if (byte === QUOTE) quoted = !quoted;
      else if (byte === BACKSLASH && quoted) i += 1;
      else if (byte === NEWLINE) {
        let next = i + 1;
        while (next < end && isBlank(bytes[next])) next += 1;
        if (next >= end) break;
        line += 1;
        if (bytes[next] === OPEN && margin?.indent === next - i - 1) {
          give("never ends");
          lists.length = margin.lists;
          [mode, at, indent] = ["between", next, next - i - 1];
          return true;
        }
      } else if (quoted) {
        // Nothing in a string matters but its end.
      } else if (byte === OPEN || byte === OPEN_LIST) {
        open += 1;
        if (open === 2 && byte === OPEN_LIST && mode === "inside" && isListOfRecords(bytes, start, i)) {
          lists.push({ isWrapped: true, margin });
          [mode, at, indent] = ["between", i + 1, -1];
          return true;
        }
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        open -= 1;
        if (open === 0) {
          if (mode === "inside") {
            record += 1;
            pieces.push({ line: startLine, record, bytes: bytes.subarray(start, i + 1) });
          }
          [mode, at, indent] = ["between", i + 1, -1];
          return true;
        }
      }
    }
    [at, isString, depth] = [i, quoted, open];
    if (mode === "inside" && at - start > LONGEST) {
      give("is longer than 16 MiB");
      mode = "junk";
      lists.length = 0;
    }
    return false;
  }

  function junk(): void {
    const byte = buffer[at];
    const ends = byte === NEWLINE || (lists.length > 0 && (byte === COMMA || byte === CLOSE_LIST));
    if (!ends) at += 1;
    else {
      give("is no JSON object");
      mode = "between";
    }
  }

  return {
    push(chunk) {
      pieces = [];
      const from = Math.min(mode === "inside" ? start : at, buffer.length);
      buffer = from < buffer.length ? Buffer.concat([buffer.subarray(from), chunk]) : chunk;
      start -= from;
      at -= from;
      while (at < buffer.length) {
        if (mode === "between") between();
        else if (mode === "junk") junk();
        else if (!inside()) break;
      }
      return pieces;
    },
    end() {
      pieces = [];
      if (mode === "junk") give("is no JSON object");
      else if (mode !== "between") give("never ends");
      else if (lists.length > 0) {
        startLine = line;
        give("the list it belongs to never ends");
      }
      return pieces;
    },
  };
}

/** Whether the list that opens at `at` follows the key `value` (Graph's pages) or `records` (the diagnostic setting's envelopes). */
const isListOfRecords = (bytes: Buffer, start: number, at: number): boolean =>
  /"(?:value|records)"\s*:\s*$/.test(bytes.toString("latin1", Math.max(start, at - 40), at));
