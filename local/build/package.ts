// npm run package: builds the app, zips it for deployment and prints its size.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { given } from "../setup/given.ts";
import { packageFiles } from "./package-files.ts";

given(
  `npm run package

Builds the app and zips what is deployed: the bundle, host.json and package.json. The archive is local/out/pim-cutoff.zip.

  --help  says this
`,
  (args) => parseArgs({ args, options: {} }),
);
await import("./bundle.ts");
const root = fileURLToPath(new URL("../..", import.meta.url));
const zip = await packageFiles(root, `${root}dist`);
await mkdir(`${root}local/out`, { recursive: true });
await writeFile(`${root}local/out/pim-cutoff.zip`, zip);
console.log(`local/out/pim-cutoff.zip: ${(zip.length / 1_000_000).toFixed(2)} MB zipped`);
