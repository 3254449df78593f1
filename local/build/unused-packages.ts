import { basename } from "node:path";
import type { Plugin } from "esbuild";

/**
 * What `applicationinsights` requires as it loads and the app never uses: instrumentation that patches modules (it does not reach into a
 * bundle), exporters to elsewhere, the file configuration of OpenTelemetry. It is more than half of the package's size.
 */
const unused =
  /^(@opentelemetry\/(configuration|exporter-.*|instrumentation-(bunyan|http|mongodb|mysql|pg|redis|winston)|otlp-.*|propagator-.*|winston-transport)|@grpc\/grpc-js|@azure\/opentelemetry-instrumentation-azure-sdk|@microsoft\/applicationinsights-web-snippet)$/;

/** Error messages of zod in some sixty languages: a sixth of the app's bundle. The app writes its own. */
const locales = /[\\/]zod[\\/]v4[\\/]locales[\\/][\w-]+\.js$/;

/** Replaces each of them by classes that say so when somebody makes one after all: a wrong guess here is an error, never a silence. */
export const unusedPackages: Plugin = {
  name: "unused packages",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: unused }, ({ path }) => ({ path, namespace: "unused" }));
    onLoad({ filter: /.*/, namespace: "unused" }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, {
        get: (_, name) => name === "__esModule" || class {
          constructor() { throw new Error("${path} is not part of the bundle, so there is no " + String(name)); }
        },
      });`,
    }));
    onLoad({ filter: locales }, ({ path }) => {
      const name = basename(path);
      if (name === "index.js" || name === "en.js") return undefined;
      return { contents: `export default () => { throw new Error("zod's ${name} is not part of the bundle"); };` };
    });
  },
};
