/// <reference types="@kusto/language-service-next" />
import { createRequire } from "node:module";
import { tableColumns } from "./table-columns.ts";

// Microsoft's parser of Kusto queries, the one of its own editors. Its files put it beside the globals; the smaller ones load in half a second.
const load = createRequire(import.meta.url);
load("@kusto/language-service-next/bridge.min.js");
load("@kusto/language-service-next/Kusto.Language.Bridge.min.js");

const { KustoCode, GlobalState, Symbols } = Kusto.Language;
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
