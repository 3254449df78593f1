import { access, constants, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";
import type { Checked } from "./finding.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const hook = z.strictObject({ shell: z.literal("sh"), run: z.string() });

/**
 * As much of azd's schema as this project uses, and strictly: azd takes names that it does not know without a word, and a hook with a name of
 * its own never runs (Azure docs: azure.yaml schema; Customize your workflows using hooks).
 */
const schema = z.strictObject({
  name: z.string().regex(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/),
  infra: z.strictObject({ provider: z.literal("bicep"), path: z.string(), module: z.string() }),
  hooks: z.strictObject({
    preprovision: z.array(hook).optional(),
    postprovision: z.array(hook).optional(),
    predeploy: z.array(hook).optional(),
    postdeploy: z.array(hook).optional(),
  }),
});

export async function checkAzureYaml(): Promise<readonly Checked[]> {
  return [{ what: "azure.yaml", problems: await problemsOf(await readFile(`${root}azure.yaml`, "utf8")) }];
}

/** What azd would not take, or would take and not do. */
export async function problemsOf(text: string): Promise<readonly string[]> {
  const read = schema.safeParse(parse(text));
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join(".") || "file"}: ${message}`);
  const { infra, hooks } = read.data;
  const files = [
    ...["bicep", "bicepparam"].map((ending) => ({
      path: `${infra.path}/${infra.module}.${ending}`,
      mode: constants.R_OK,
    })),
    ...Object.values(hooks).flatMap((list) => (list ?? []).map(({ run }) => ({ path: run, mode: constants.X_OK }))),
  ];
  const missing = await Promise.all(
    files.map(({ path, mode }) =>
      access(root + path, mode).then(
        () => null,
        () => `${path}: is not there, or cannot be run`,
      ),
    ),
  );
  return missing.filter((problem) => problem !== null);
}
