import { CLOSE_LIST, COMMA, isBlank, NEWLINE, OPEN, OPEN_LIST, QUOTE } from "./bytes.ts";
import { isListOfRecords, type List, type Margin, marginAt } from "./json-margin.ts";
import { type Scan, scanJson } from "./scan-json.ts";

/** A JSON object cut out of a file, or the place of a part that is no JSON object. */
export type JsonPiece =
  /** `bytes` are valid only until the next `push`. */
  | { readonly line: number; readonly record: number; readonly bytes: Buffer }
  | { readonly line: number; readonly record: number; readonly broken: string };

interface JsonSplitter {
  push(chunk: Buffer): readonly JsonPiece[];
  end(): readonly JsonPiece[];
}

/** Bytes of the longest record. Audit records are far shorter; a file of another kind must not fill the memory. */
const LONGEST = 16 * 1024 * 1024;
export const TOO_LONG = "is longer than 16 MiB";

/**
 * Cuts a stream of bytes into its records without parsing them: JSON lines, one list, pages and envelopes one after the other, on one
 * line or on many. Scanning alone is fast enough for a million records in seconds. A record that never closes is given up at the
 * next line that begins as it began, so that one broken line costs no other.
 */
export function createJsonSplitter(): JsonSplitter {
  let buffer: Buffer = Buffer.alloc(0);
  let mode: "between" | "inside" | "afterList" | "junk" = "between";
  const scan: Scan = { at: 0, line: 1, depth: 0, isString: false };
  let record = 0;
  let start = 0;
  let startLine = 1;
  /** Blanks since the line began; -1 when there was something else. */
  let indent = 0;
  let margin: Margin | null = null;
  let problem = "";
  const lists: List[] = [];
  let pieces: JsonPiece[] = [];

  const give = (broken: string) => {
    record += 1;
    pieces.push({ line: startLine, record, broken });
  };

  /** @returns false when more bytes are needed */
  function between(): boolean {
    const byte = buffer[scan.at];
    if (byte === NEWLINE) {
      scan.line += 1;
      indent = 0;
    } else if (isBlank(byte)) {
      if (indent >= 0) indent += 1;
    } else if (byte === OPEN) {
      if (scan.at + 1 === buffer.length) return false;
      open();
    } else if (byte === OPEN_LIST) {
      lists.push({ isWrapped: false, margin: null });
      indent = -1;
    } else if (byte === CLOSE_LIST && lists.length > 0) {
      const list = lists.pop();
      indent = -1;
      if (list?.isWrapped) {
        [mode, startLine, margin] = ["afterList", scan.line, list.margin];
        Object.assign(scan, { depth: 1, isString: false });
      }
    } else if (byte === COMMA) {
      indent = -1;
    } else {
      [mode, startLine, problem] = [
        "junk",
        scan.line,
        byte === QUOTE ? "is a text and no JSON object" : "is no JSON object",
      ];
      return true;
    }
    scan.at += 1;
    return true;
  }

  function open(): void {
    margin = marginAt(buffer, scan.at, indent, lists);
    [mode, start, startLine, indent] = ["inside", scan.at, scan.line, -1];
    Object.assign(scan, { depth: 1, isString: false });
  }

  /** @returns false when more bytes are needed */
  function inside(): boolean {
    const isList = (at: number) => mode === "inside" && isListOfRecords(buffer, start, at);
    const found = scanJson(buffer, scan, margin?.indent ?? null, isList);
    if (found === "more") {
      if (mode === "inside" && scan.at - start > LONGEST) {
        [mode, problem] = ["junk", TOO_LONG];
        lists.length = 0;
      }
      return false;
    }
    if (found === "value") {
      indent = -1;
      if (mode === "inside") {
        record += 1;
        pieces.push({ line: startLine, record, bytes: buffer.subarray(start, scan.at) });
      }
    } else if ("listAt" in found) {
      indent = -1;
      lists.push({ isWrapped: true, margin });
    } else {
      give("never ends");
      lists.length = margin?.lists ?? 0;
      [scan.at, indent] = [found.marginAt, margin?.indent ?? -1];
    }
    mode = "between";
    return true;
  }

  function junk(): void {
    const byte = buffer[scan.at];
    const ends = byte === NEWLINE || (lists.length > 0 && (byte === COMMA || byte === CLOSE_LIST));
    if (!ends) scan.at += 1;
    else {
      give(problem);
      mode = "between";
    }
  }

  function step(): boolean {
    if (mode === "between") return between();
    if (mode !== "junk") return inside();
    junk();
    return true;
  }

  return {
    push(chunk) {
      pieces = [];
      const from = Math.min(mode === "inside" ? start : scan.at, buffer.length);
      buffer = from < buffer.length ? Buffer.concat([buffer.subarray(from), chunk]) : chunk;
      start -= from;
      scan.at -= from;
      while (scan.at < buffer.length && step());
      return pieces;
    },
    end() {
      pieces = [];
      const isCutOff = scan.at < buffer.length || mode === "inside" || mode === "afterList";
      if (mode === "between" && isCutOff) startLine = scan.line;
      if (mode === "junk") give(problem);
      else if (isCutOff) give("never ends");
      else if (lists.length > 0) {
        startLine = scan.line;
        give("the list it belongs to never ends");
      }
      return pieces;
    },
  };
}
