// Builds what package.json "main" names: `npm run build`.
import { bundleApp } from "./bundle-app.ts";

await bundleApp("dist");
