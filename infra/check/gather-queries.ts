import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const infra = fileURLToPath(new URL("..", import.meta.url));

export interface Query {
  /** Its file, or its place in the workbook. */
  readonly name: string;
  readonly text: string;
}

/** Every Kusto query of the repository: alert rules, detections, the workbook. */
export async function gatherQueries(): Promise<readonly Query[]> {
  const files = (await readdir(infra, { recursive: true })).filter((name) => name.endsWith(".kql")).sort();
  const workbook: unknown = JSON.parse(await readFile(`${infra}workbook/cutoff.workbook.json`, "utf8"));
  return [
    ...(await Promise.all(files.map(async (name) => ({ name, text: await readFile(infra + name, "utf8") })))),
    ...textsIn(workbook).map((text, index) => ({ name: `workbook, query ${index + 1}`, text })),
  ];
}

function textsIn(item: unknown): readonly string[] {
  if (typeof item !== "object" || item === null) return [];
  return Object.entries(item).flatMap(([key, value]) =>
    key === "query" && typeof value === "string" ? [value] : textsIn(value),
  );
}
