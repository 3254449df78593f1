// Builds what package.json "main" names, as soon as it is imported.
import { bundleApp } from "./bundle-app.ts";

await bundleApp("dist");
