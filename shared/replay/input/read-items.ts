import { z } from "zod";
import { csvDelimiter } from "./csv-heading.ts";
import { openFile } from "./open-file.ts";
import { createCsvSplitter } from "./split-csv.ts";
import { createJsonSplitter, type JsonPiece } from "./split-json.ts";

/** One record of an export, or why there is none. `position` is for people, e.g. `line 12, record 12`. */
export type Item =
  | { readonly position: string; readonly value: unknown }
  /** Never the content: it may name people. */
  | { readonly position: string; readonly problem: string };

/**
 * The records of an export bundle by bundle, each to be used up before the next: JSON in any wrapping, or CSV as an object by heading.
 * @throws ReplayError `noFile`, `unreadableFile`
 */
export async function* readItems(path: string, onRead: (bytes: number) => void): AsyncGenerator<Iterable<Item>> {
  let take: ((chunk: Buffer | null) => Iterable<Item>) | undefined;
  try {
    for await (const chunk of openFile(path, onRead)) {
      take ??= readerFor(chunk);
      yield take(chunk);
    }
  } catch (error) {
    // What was read before the damage counts.
    if (!isGzipDamage(error)) throw error;
    yield [{ position: "the end", problem: "the gzipped data is damaged or cut off" }];
  }
  yield take ? take(null) : [{ position: "the start", problem: "the file is empty" }];
}

function readerFor(first: Buffer): (chunk: Buffer | null) => Iterable<Item> {
  const delimiter = csvDelimiter(first);
  return delimiter === undefined ? jsonReader() : csvReader(delimiter);
}

/** Parses one by one, as they are asked for: what is parsed and dropped at once costs next to no memory. */
function jsonReader(): (chunk: Buffer | null) => Iterable<Item> {
  const splitter = createJsonSplitter();
  return function* (chunk) {
    for (const piece of chunk ? splitter.push(chunk) : splitter.end()) yield parse(piece);
  };
}

function parse(piece: JsonPiece): Item {
  const position = positionOf(piece);
  if ("broken" in piece) return { position, problem: piece.broken };
  try {
    const value: unknown = JSON.parse(piece.bytes.toString());
    return { position, value };
  } catch {
    // The parser's message quotes the content.
    return { position, problem: "is not valid JSON" };
  }
}

function csvReader(delimiter: string): (chunk: Buffer | null) => Iterable<Item> {
  const splitter = createCsvSplitter(delimiter);
  let heading: readonly string[] | undefined;
  return function* (chunk) {
    for (const piece of chunk ? splitter.push(chunk) : splitter.end()) {
      const position = positionOf(piece);
      if ("broken" in piece) yield { position, problem: piece.broken };
      else if (heading === undefined) heading = piece.cells;
      else if (piece.cells.length !== heading.length) {
        yield { position, problem: `has ${piece.cells.length} cells, the heading ${heading.length}` };
      } else yield { position, value: Object.fromEntries(heading.map((name, at) => [name, piece.cells[at]])) };
    }
  };
}

const positionOf = ({ line, record }: { line: number; record: number }) => `line ${line}, record ${record}`;

const damage = z.object({ code: z.string().startsWith("Z_") });
const isGzipDamage = (error: unknown): boolean => damage.safeParse(error).success;
