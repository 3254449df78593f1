import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { readBuild } from "./read-build.ts";
import { unusedPackages } from "./unused-packages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What only Application Insights or mails need are files beside the first, so that a cold start does not even read them. */
const apart: Plugin = {
  name: "apart",
  setup({ onResolve }) {
    onResolve({ filter: /\/(?:insights|mail-client)\.ts$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: `./${basename(path, ".ts")}.cjs`, external: true } : undefined,
    );
  },
};

/** Bundles the app to CommonJS files in `outdir`, so that a deployment needs no node_modules. */
export async function bundleApp(outdir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: {
      main: "functions/main.ts",
      insights: "shared/telemetry/insights.ts",
      "mail-client": "shared/notify/mail-client.ts",
    },
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
    plugins: [apart, unusedPackages],
    logLevel: "warning",
  });
}
