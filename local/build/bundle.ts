// Bundles the app to the one CommonJS file that package.json "main" names, so that a deployment needs no node_modules.
// The host injects @azure/functions-core (azure-functions-nodejs-library issues 201, 256, 260), hence external.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

await build({
  absWorkingDir: root,
  entryPoints: { main: "functions/main.ts" },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  sourcemap: true,
  minify: true,
  keepNames: true,
  external: ["@azure/functions-core"],
  logLevel: "warning",
});
