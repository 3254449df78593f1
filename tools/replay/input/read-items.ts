import { z } from "zod";
import { ReplayError } from "../replay-error.ts";
import { csvLayout } from "./csv-heading.ts";
import type { Item, ParsedItem, Passed } from "./item.ts";
import { openFile } from "./open-file.ts";
import { beginsAnswer, rowsOfAnswer } from "./query-answer.ts";
import { csvReader } from "./read-csv.ts";
import { strangerAmongFiles } from "./recognize-file.ts";
import { createJsonSplitter, type JsonPiece, TOO_LONG } from "./split-json.ts";

type Reader = (chunk: Buffer | null) => Iterable<Item>;

/** Decides by the bytes of a record that it need not be parsed. */
type Skim = (record: Buffer) => Passed | undefined;

/**
 * The records of an export in bundles, each to be used up before the next. Records are JSON in any wrapping, or CSV as an object by heading.
 * @param skim without one every record is parsed
 * @throws ReplayError `noFile`, `unreadableFile`
 */
export function readItems(path: string, onRead: (bytes: number) => void): AsyncGenerator<Iterable<ParsedItem>>;
export function readItems(path: string, onRead: (bytes: number) => void, skim: Skim): AsyncGenerator<Iterable<Item>>;
export async function* readItems(
  path: string,
  onRead: (bytes: number) => void,
  skim?: Skim,
): AsyncGenerator<Iterable<Item>> {
  let take: Reader | undefined;
  try {
    for await (const chunk of openFile(path, onRead)) {
      if (take === undefined && isBlankText(chunk)) continue;
      take ??= readerFor(chunk, skim);
      yield take(chunk);
    }
  } catch (error) {
    // The records that were read before the damage count.
    if (isGzipDamage(error)) yield [{ place: "the end", problem: "the gzipped data is damaged or cut off" }];
    else if (take !== undefined && error instanceof ReplayError) yield [{ place: "the end", problem: error.message }];
    else throw error;
  }
  yield take ? take(null) : [{ place: "the start", problem: "the file is empty" }];
}

function readerFor(first: Buffer, skim: Skim | undefined): Reader {
  const stranger = strangerAmongFiles(first);
  if (stranger !== undefined) return refusing(stranger);
  const csv = csvLayout(first);
  if (csv === undefined) return jsonReader(beginsAnswer(first), skim);
  return csv.problem === undefined ? csvReader(csv, skim !== undefined) : refusing(csv.problem);
}

/** Reports once why nothing in the file can be read. */
function refusing(problem: string): Reader {
  let isReported = false;
  return function* () {
    if (!isReported) yield { place: "the start", problem };
    isReported = true;
  };
}

/** Parses records one by one, as the reader asks for them: a record that is dropped at once costs next to no memory. */
function jsonReader(isAnswer: boolean, skim: Skim | undefined): Reader {
  const splitter = createJsonSplitter();
  return function* (chunk) {
    for (const piece of chunk ? splitter.push(chunk) : splitter.end()) {
      const passed = "bytes" in piece ? skim?.(piece.bytes) : undefined;
      if (passed) yield { place: { line: piece.line, record: piece.record }, passed };
      else yield* parse(piece, isAnswer);
    }
  };
}

function parse(piece: JsonPiece, isAnswer: boolean): Iterable<Item> {
  const place = { line: piece.line, record: piece.record };
  if ("broken" in piece)
    return [{ place, problem: isAnswer && piece.broken === TOO_LONG ? LONG_ANSWER : piece.broken }];
  try {
    const value: unknown = JSON.parse(piece.bytes.toString());
    return rowsOfAnswer(value)?.map((row) => ({ place, value: row })) ?? [{ place, value }];
  } catch {
    // The parser's message quotes the content.
    return [{ place, problem: "is not valid JSON" }];
  }
}

const LONG_ANSWER =
  "is the answer of a query API (tables, columns, rows) and longer than 16 MiB: query fewer days at a time, or export the result as CSV";

const isBlankText = (chunk: Buffer): boolean => chunk.every((byte) => byte <= 0x20);

const damage = z.object({ code: z.string().startsWith("Z_") });
const isGzipDamage = (error: unknown): boolean => damage.safeParse(error).success;
