// npm run settings: writes the documents and templates that follow from the definitions in shared/settings/definitions.ts.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { settingDocuments } from "./documents.ts";

const help = `npm run settings

Writes docs/settings.md, local.settings.json.example and the lists of settings in infra/ from shared/settings/definitions.ts.

  --help  says this
`;

try {
  const { help: isHelp } = parseArgs({ options: { help: { type: "boolean", short: "h" } } }).values;
  if (isHelp) {
    console.log(help);
    process.exit(0);
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
  process.exit(2);
}
for (const [path, update] of Object.entries(settingDocuments)) {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const before = await readFile(file, "utf8");
  const after = update(before);
  if (after !== before) await writeFile(file, after);
  console.log(`${path}: ${after === before ? "as it was" : "written"}`);
}
