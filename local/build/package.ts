// Zips the built app for deployment and prints its size: `npm run package`.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { packageFiles } from "./package-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const zip = await packageFiles(root, `${root}dist`);
await mkdir(`${root}local/out`, { recursive: true });
await writeFile(`${root}local/out/pim-cutoff.zip`, zip);
console.log(`local/out/pim-cutoff.zip: ${(zip.length / 1_000_000).toFixed(2)} MB zipped`);
