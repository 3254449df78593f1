/** One line of a CSV file as its cells, or the place of one that never ends. `record` counts from 1, the heading included. */
export type CsvPiece =
  | { readonly line: number; readonly record: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly record: number; readonly broken: string };

export interface CsvSplitter {
  push(text: string): readonly CsvPiece[];
  end(): readonly CsvPiece[];
}

/** Characters. A quote that is never closed must not fill the memory. */
const LONGEST = 4 * 1024 * 1024;

/** Cuts CSV (RFC 4180: quoted cells may hold line breaks and doubled quotes) into records as it arrives. Empty lines are left out. */
export function createCsvSplitter(delimiter: string): CsvSplitter {
  let cells: string[] = [];
  let cell = "";
  let line = 1;
  let startLine = 1;
  let record = 0;
  let mode: "bare" | "quoted" | "quoteInQuoted" = "bare";
  let size = 0;
  let pieces: CsvPiece[] = [];

  const endCell = () => {
    cells.push(cell);
    [cell, mode] = ["", "bare"];
  };
  const endRecord = () => {
    endCell();
    if (cells.length > 1 || cells[0] !== "") {
      record += 1;
      pieces.push({ line: startLine, record, cells });
    }
    [cells, startLine, size] = [[], line, 0];
  };
  const giveUp = (broken: string) => {
    record += 1;
    pieces.push({ line: startLine, record, broken });
    [cells, cell, mode, startLine, size] = [[], "", "bare", line, 0];
  };

  function take(character: string): void {
    size += 1;
    if (character === "\n") line += 1;
    if (mode === "quoted") {
      if (character === '"') mode = "quoteInQuoted";
      else cell += character;
      if (size > LONGEST) giveUp("has a quote that is never closed");
    } else if (character === '"') {
      if (mode === "quoteInQuoted") [cell, mode] = [`${cell}"`, "quoted"];
      else if (cell === "") mode = "quoted";
      else cell += character;
    } else if (character === delimiter) endCell();
    else if (character === "\n") endRecord();
    else if (size > LONGEST) giveUp("is longer than 4 million characters");
    else if (character !== "\r") cell += character;
  }

  return {
    push(text) {
      pieces = [];
      for (const character of text) take(character);
      return pieces;
    },
    end() {
      pieces = [];
      if (mode === "quoted") giveUp("has a quote that is never closed");
      else if (cell !== "" || cells.length > 0) endRecord();
      return pieces;
    },
  };
}
