// npm run table:ends -- REPORT...: writes the table of docs/what-it-cuts.md from Vitest's JSON reports of the end-to-end tests. Exit code 1, and nothing
// written, when a row that a test declares was not seen to pass. With --check it writes nothing, and fails as well when the document has another table.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { given } from "../../local/setup/given.ts";
import { endsTable, tableOptions, withTable } from "./support/ends-table.ts";
import { readDeclaredRows } from "./support/read-declared-rows.ts";

const { values, positionals } = given(
  `npm run table:ends -- [--check] REPORT...

Writes the table of docs/what-it-cuts.md from Vitest's JSON reports of the end-to-end tests. Exit code 1: a row that a test declares was
not seen to pass, and nothing is written.

  --check  writes nothing, and fails as well when the document has another table
  --help   says this
`,
  (args) => parseArgs({ args, options: tableOptions, allowPositionals: true }),
);
const document = fileURLToPath(new URL("../../docs/what-it-cuts.md", import.meta.url));
const report = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ title: z.string(), status: z.string() })) })),
});

const { rows } = await readDeclaredRows();
const results = (
  await Promise.all(positionals.map(async (file) => report.parse(JSON.parse(await readFile(file, "utf8")))))
)
  .flatMap(({ testResults }) => testResults)
  .flatMap(({ assertionResults }) => assertionResults);
const passed = new Set(results.filter(({ status }) => status === "passed").map(({ title }) => title));
const unseen = rows.filter((row) => !passed.has(row));

const before = await readFile(document, "utf8");
const after = withTable(before, endsTable(rows));
if (unseen.length > 0) {
  console.error(`No report shows that these passed:\n${unseen.join("\n")}`);
  process.exitCode = 1;
} else if (values.check !== true) {
  await writeFile(document, after);
} else if (after !== before) {
  console.error("The table of docs/what-it-cuts.md is not the one of these tests: npm run table:ends -- REPORT...");
  process.exitCode = 1;
}
