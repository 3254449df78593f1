// npm run build: builds what package.json "main" names.
import { parseArgs } from "node:util";
import { given } from "../setup/given.ts";

given(
  `npm run build

Bundles the app to dist/, which the local host runs and npm run package zips.

  --help  says this
`,
  (args) => parseArgs({ args, options: {} }),
);
await import("./bundle.ts");
