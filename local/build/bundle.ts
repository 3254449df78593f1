// Bundles the app to the CommonJS file that package.json "main" names, so that a deployment needs no node_modules. What only Application
// Insights needs is a second file beside it, so that a cold start does not even read it.
// The host injects @azure/functions-core (azure-functions-nodejs-library issues 201, 256, 260), hence external.
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { unusedPackages } from "./unused-packages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const insights: Plugin = {
  name: "insights apart",
  setup({ onResolve }) {
    onResolve({ filter: /\/insights\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./insights.cjs", external: true } : undefined,
    );
  },
};

await build({
  absWorkingDir: root,
  entryPoints: { main: "functions/main.ts", insights: "shared/telemetry/insights.ts" },
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
  plugins: [insights, unusedPackages],
  logLevel: "warning",
});
