import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { z } from "zod";

/** What is deployed beside package.json. No source maps: they would be twice the size of the rest. */
const bundled = ["main.cjs", "insights.cjs", "mail-client.cjs"];

const packageSchema = z.object({ name: z.string(), version: z.string(), type: z.string(), main: z.string() });

/**
 * The app, bundled in `dist`, as the zip file that Azure Functions runs from. Its package.json names no packages, so that nothing is installed
 * there.
 */
export async function packageFiles(root: string, dist: string): Promise<Uint8Array> {
  const text = await readFile(join(root, "package.json"), "utf8");
  const packageJson = packageSchema.parse(JSON.parse(text));
  const files: Record<string, Uint8Array> = {
    "package.json": Buffer.from(`${JSON.stringify(packageJson, null, 2)}\n`),
  };
  files["host.json"] = await readFile(join(root, "host.json"));
  for (const name of bundled) files[`dist/${name}`] = await readFile(join(dist, name));
  return zipSync(files, { level: 9 });
}
