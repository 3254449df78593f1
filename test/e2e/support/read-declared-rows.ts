import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { declaredRows } from "./ends-table.ts";

const folder = fileURLToPath(new URL("../", import.meta.url));

/** The rows that the end-to-end tests declare, file by file, and how many declarations there are in whatever form. */
export async function readDeclaredRows(): Promise<{ readonly rows: readonly string[]; readonly declarations: number }> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".test.ts")).toSorted();
  const sources = await Promise.all(files.map((file) => readFile(`${folder}${file}`, "utf8")));
  const declarations = sources.flatMap((source) => source.match(/endRow\(/g) ?? []).length;
  return { rows: sources.flatMap(declaredRows), declarations };
}
