// npm run settings: writes what follows from the definitions in shared/settings/definitions.ts into the documents and templates.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { settingDocuments } from "./documents.ts";

for (const [path, update] of Object.entries(settingDocuments)) {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const before = await readFile(file, "utf8");
  const after = update(before);
  if (after !== before) await writeFile(file, after);
  console.log(`${path}: ${after === before ? "as it was" : "written"}`);
}
