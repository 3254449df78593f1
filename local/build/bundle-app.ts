import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { readBuild } from "./read-build.ts";
import { unusedPackages } from "./unused-packages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What only Application Insights needs is a second file beside the first, so that a cold start does not even read it. */
const insightsApart: Plugin = {
  name: "insights apart",
  setup({ onResolve }) {
    onResolve({ filter: /\/insights\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./insights.cjs", external: true } : undefined,
    );
  },
};

/** Bundles the app to CommonJS files in `outdir`, so that a deployment needs no node_modules. */
export async function bundleApp(outdir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { main: "functions/main.ts", insights: "shared/telemetry/insights.ts" },
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    sourcemap: true,
    minify: true,
    keepNames: true,
    // The host injects it (azure-functions-nodejs-library issues 201, 256, 260).
    external: ["@azure/functions-core"],
    define: { buildOfBundle: JSON.stringify(await readBuild(root)) },
    plugins: [insightsApart, unusedPackages],
    logLevel: "warning",
  });
}
