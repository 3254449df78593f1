import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The folders from the ground up (docs/architecture.md): each imports only from those before it, types included. `.` is what lies in `shared` itself. */
export const layers: readonly string[] = [
  "base",
  "settings",
  "telemetry",
  "storage",
  "graph",
  "model",
  "detection",
  "enforcement",
  "notify",
  "reconcile",
  "notifications",
  "audit-log",
  "operators",
  "retention",
  "status",
  ".",
  "functions",
  "tools",
];

/** Words that have been replaced by the field's own (docs/architecture.md, Words), as parts of names. */
export const replacedWords =
  /^(?:attend(?:s|ed|ing)?|nominat\w+|nominees?|ghosts?|tombstones?|bur(?:y|ied)|obligations?|oblige[sd]?|owe[sd]?|(?:un)?told|tells?|telling|waive[sd]?|errands?|rush(?:es)?|backups?|pulses?|upkeep|postures?)$/i;

export interface SourceFile {
  /** From the root of the repository, e.g. `shared/model/load-and-commit.ts`. */
  readonly path: string;
  readonly lines: number;
  readonly text: string;
  /** The files of ours that it imports, types included. */
  readonly imports: readonly string[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Every source of the app and its tools, or of these folders. */
export const readSources = (folders: readonly string[] = ["shared", "functions", "tools"]): readonly SourceFile[] =>
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readSource(join(folder, name))),
  );

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const imported = [...text.matchAll(/^(?:import|export)\b[^;"]*\bfrom "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm)];
  const imports = imported.map(([, still, dynamic]) => normalize(join(dirname(path), still ?? dynamic ?? "")));
  return { path, lines: text.split("\n").length - 1, text, imports: [...new Set(imports)] };
}

export function folderOf(path: string): string {
  const [top = "", folder, ...rest] = path.split("/");
  if (top !== "shared") return top;
  return rest.length === 0 ? "." : (folder ?? ".");
}

/** Imports that lead from a folder to one above it, or to one that has no place in the layers. */
export const againstTheLayers = (sources: readonly SourceFile[]): readonly string[] =>
  sources.flatMap(({ path, imports }) => {
    const rank = layers.indexOf(folderOf(path));
    return imports
      .filter((other) => folderOf(other) !== folderOf(path))
      .filter(
        (other) => rank === -1 || layers.indexOf(folderOf(other)) === -1 || layers.indexOf(folderOf(other)) > rank,
      )
      .map((other) => `${path} imports ${other}`);
  });

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

const fileEdges = (sources: readonly SourceFile[]): Edges =>
  new Map(sources.map(({ path, imports }) => [path, new Set(imports)]));

function folderEdges(sources: readonly SourceFile[]): Edges {
  const edges = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    const known = edges.get(folderOf(path)) ?? new Set<string>();
    edges.set(folderOf(path), known);
    for (const other of imports) if (folderOf(other) !== folderOf(path)) known.add(folderOf(other));
  }
  return edges;
}

/** What can be reached from `from`, without `from` itself unless a circle leads back to it. */
function reached(from: string, edges: Edges): ReadonlySet<string> {
  const found = new Set<string>();
  const next = [...(edges.get(from) ?? [])];
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    if (found.has(one)) continue;
    found.add(one);
    next.push(...(edges.get(one) ?? []));
  }
  return found;
}

const inCircles = (edges: Edges): readonly string[] => [...edges.keys()].filter((one) => reached(one, edges).has(one));

/** Files, and folders, from which imports lead back to themselves. */
export const filesInCircles = (sources: readonly SourceFile[]): readonly string[] => inCircles(fileEdges(sources));
export const foldersInCircles = (sources: readonly SourceFile[]): readonly string[] => inCircles(folderEdges(sources));

export const isShared = ({ path }: SourceFile): boolean => path.startsWith("shared/");

/** Files of `shared` that exactly one other file of the app or its tools imports. */
export const withOneImporter = (sources: readonly SourceFile[]): readonly string[] =>
  sources
    .filter(isShared)
    .filter(({ path }) => sources.filter(({ imports }) => imports.includes(path)).length === 1)
    .map(({ path }) => path);

/** A comment, a text, a part of a template, a regular expression after a sign that no value ends with; or any other character. */
const token =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=[=(,:?&|!]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*|[`{}]|[^/"'`{}]+|\//y;

/** The code without comments and texts; what stands in the places of a template is code. */
function withoutTexts(source: string): string {
  let code = "";
  /** For each template around the place: how many braces are open in it. */
  const templates: number[] = [];
  let at = 0;
  const skipTemplate = () => {
    for (; at < source.length; at += 1) {
      if (source[at] === "\\") at += 1;
      else if (source[at] === "`") {
        at += 1;
        return;
      } else if (source.startsWith("${", at)) {
        at += 2;
        templates.push(0);
        return;
      }
    }
  };
  while (at < source.length) {
    token.lastIndex = at;
    const [found = ""] = token.exec(source) ?? [];
    at += Math.max(found.length, 1);
    if (found === "`") skipTemplate();
    else if (found === "{" && templates.length > 0) templates[templates.length - 1] = (templates.at(-1) ?? 0) + 1;
    else if (found === "}" && templates.at(-1) === 0) {
      templates.pop();
      skipTemplate();
    } else if (found === "}" && templates.length > 0) templates[templates.length - 1] = (templates.at(-1) ?? 0) - 1;
    code += /^(?:\/[*/]|["'`]|\/.)/.test(found) ? " " : found;
  }
  return code;
}

/** Names in the code that have a replaced word in them, by file. */
export const replacedNames = (sources: readonly SourceFile[]): readonly string[] =>
  sources.flatMap(({ path, text }) => {
    const names = new Set(withoutTexts(text).match(/[A-Za-z_$][\w$]*/g));
    const replaced = [...names].filter((name) =>
      name.split(/(?<=[a-z\d])(?=[A-Z])|_/).some((part) => replacedWords.test(part)),
    );
    return replaced.map((name) => `${path}: ${name}`);
  });

/** What begins a test's title, or a title of several. Rows of the table of ends are titles, too. */
const title = /(?:\b(?:test|it|describe)(?:\.\w+)*|\]\)|\bendRow)\(\s*(?:"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`)/g;

/** Titles of tests that have a replaced word in them, by file. */
export const replacedInTitles = (sources: readonly SourceFile[]): readonly string[] =>
  sources
    .filter(({ path }) => path.endsWith(".test.ts"))
    .flatMap(({ path, text }) =>
      [...text.matchAll(title)]
        .map(([, plain, template]) => plain ?? template ?? "")
        .filter((words) => words.split(/[^A-Za-z]+/).some((word) => replacedWords.test(word)))
        .map((words) => `${path}: ${words}`),
    );
