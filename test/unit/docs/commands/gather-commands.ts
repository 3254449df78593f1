import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { findDocuments } from "../../../fixtures/find-documents.ts";

/** A text of a document that a reader may run. */
export interface Runnable {
  /** E.g. `README.md:42`. */
  readonly where: string;
  readonly text: string;
}

/** A document, taken apart. */
export interface Told {
  readonly document: string;
  /** Whole `sh` blocks, and commands within a sentence. */
  readonly runnable: readonly Runnable[];
  /** Within a sentence: `GET /api/health`. */
  readonly calls: readonly Runnable[];
  /** Within a sentence: `CUTOFF_STOP=true`. */
  readonly assignments: readonly Runnable[];
  /** Languages of the other blocks. */
  readonly otherLanguages: readonly string[];
}

const fence = /^```(\w*)\n(.*?)^```$/gms;
/** Words that begin a command and nothing else. A lone `azd` or `npm` is a name. */
const command = /^(?:(?:npm|npx|node|az|azd|curl|openssl|func) .+|(?:infra\/\S+\.sh|\.ci\/run)\b.*)$/;

export async function gatherCommands(root: string): Promise<readonly Told[]> {
  const documents = await findDocuments(root);
  return Promise.all(documents.map(async (path) => takeApart(relative(root, path), await readFile(path, "utf8"))));
}

function takeApart(document: string, text: string): Told {
  const at = (index: number): string => `${document}:${text.slice(0, index).split("\n").length}`;
  const blocks = [...text.matchAll(fence)];
  const prose = blocks.reduce((left, [block]) => left.replace(block, block.replace(/[^\n]/g, " ")), text);
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(({ index, 1: span = "" }) => ({
    where: at(index),
    text: span,
  }));
  return {
    document,
    runnable: [
      ...blocks
        .filter(({ 1: language }) => language === "sh")
        .map(({ index, 2: body = "" }) => ({ where: at(index), text: body })),
      ...spans.filter((span) => command.test(span.text)),
    ],
    calls: spans.filter((span) => /^[A-Z]+ \/api\//.test(span.text)),
    assignments: spans.filter((span) => /^[A-Z][A-Z_]\w*=\S*$/.test(span.text)),
    otherLanguages: blocks.flatMap(({ 1: language = "" }) => (language === "sh" ? [] : [language])),
  };
}
