import { NEWLINE, RETURN } from "./bytes.ts";

/** A list whose elements are records: a bare one, or the one inside `{"value":[...]}` or `{"records":[...]}`. */
export interface List {
  readonly isWrapped: boolean;
  readonly margin: Margin | null;
}

/** The start of a value at the beginning of a line: a value that begins the same way cannot be inside it. */
export interface Margin {
  readonly indent: number;
  /** Number of lists that were open there. */
  readonly lists: number;
}

/**
 * The margin of the object that opens at `at`, or of the list around it when the object's own margin is not conclusive.
 * @param indent blanks since the line began; -1 when there was something else
 */
export function marginAt(bytes: Buffer, at: number, indent: number, lists: readonly List[]): Margin | null {
  // The brace is alone in its line and not indented. Then the objects inside it may not be indented either.
  const isAlone = bytes[at + 1] === NEWLINE || bytes[at + 1] === RETURN;
  const isReporting = indent > 0 || (indent === 0 && !isAlone);
  return isReporting ? { indent, lists: lists.length } : (lists.at(-1)?.margin ?? null);
}

/**
 * Whether the list that opens at `at` follows the key `value` (Graph's pages) or `records` (the diagnostic setting's envelopes).
 * @param start where its object begins
 */
export const isListOfRecords = (bytes: Buffer, start: number, at: number): boolean =>
  /"(?:value|records|results|result|data|items|events)"\s*:\s*$/i.test(
    bytes.toString("latin1", Math.max(start, at - 40), at),
  );
