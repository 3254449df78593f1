/// <reference types="@kusto/language-service-next" />
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createContext, runInContext } from "node:vm";
import { tableColumns } from "./table-columns.ts";

/**
 * Microsoft's parser of Kusto queries, the one of its own editors. It puts itself beside the globals and changes some, so it gets globals of its
 * own; of its files the smaller ones, which load in half a second.
 */
function loadParser(): typeof Kusto.Language {
  const resolve = createRequire(import.meta.url).resolve;
  const globals: { Kusto?: typeof Kusto } = createContext({ console });
  for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    const path = resolve(`@kusto/language-service-next/${file}`);
    runInContext(readFileSync(path, "utf8"), createContext(globals), { filename: path });
  }
  if (globals.Kusto === undefined) throw new Error("The Kusto parser did not load.");
  return globals.Kusto.Language;
}

const { KustoCode, GlobalState, Symbols } = loadParser();
const tables = Object.entries(tableColumns).map(
  ([name, columns]) => new Symbols.TableSymbol.$ctor7(name, `(${columns})`, ""),
);
const workspace = GlobalState.Default?.WithDatabase(new Symbols.DatabaseSymbol.$ctor2("workspace", "", tables));

export interface ParsedQuery {
  /** `line: what the parser says`, errors and warnings alike. */
  readonly problems: readonly string[];
  /** The columns of the rows that the query returns. */
  readonly columns: readonly string[];
}

export function parseQuery(text: string): ParsedQuery {
  const code = KustoCode.ParseAndAnalyze(text, workspace);
  const result = code?.ResultType;
  return {
    problems: listed(code?.GetDiagnostics()).map(
      (one) => `${text.slice(0, one.Start).split("\n").length}: ${one.Message}`,
    ),
    columns: result instanceof Symbols.TableSymbol ? listed(result.Columns).map(({ Name }) => Name ?? "") : [],
  };
}

function listed<T>(list: System.Collections.Generic.IReadOnlyList$1<T> | null | undefined): readonly NonNullable<T>[] {
  const items = Array.from({ length: list?.Count ?? 0 }, (_, index) => list?.getItem(index));
  return items.filter((item) => item !== null && item !== undefined);
}
