import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Checked } from "./finding.ts";
import { runCompiler } from "./run-compiler.ts";
import { refused, type Variant, variants } from "./variants.ts";

const infra = fileURLToPath(new URL("..", import.meta.url));
const kept = (name: string) => join(infra, "snapshots", `${name}.json`);

const deployment = [
  "--tenant-id",
  "00000000-0000-0000-0000-000000000001",
  "--subscription-id",
  "00000000-0000-0000-0000-000000000002",
  "--location",
  "westeurope",
  "--deployment-name",
  "pim-cutoff",
];

/** What Bicep writes. It lists outputs in any order. */
const expanded = z.object({
  predictedResources: z.array(z.looseObject({ id: z.string() })),
  outputs: z.record(z.string(), z.unknown()),
});

/**
 * Expands the template as Azure would, once for each variant, and compares what comes of it with what is kept in the repository: a change of
 * any resource is seen by whoever reviews it, and held against Azure's rules by test/unit/infra/snapshots.test.ts.
 */
export async function checkSnapshots(bicep: string, out: string, write: boolean): Promise<readonly Checked[]> {
  const mine = join(out, "variants");
  await rm(mine, { recursive: true, force: true });
  const [compared, declined] = await Promise.all([
    Promise.all(variants.map((variant) => compare(bicep, join(mine, variant.name), write, variant))),
    Promise.all(refused.map(({ environment, says }, at) => decline(bicep, join(mine, `${at}`), environment, says))),
  ]);
  return [...compared, { what: `${refused.length} refused combinations`, problems: declined.flat() }];
}

async function compare(bicep: string, copy: string, write: boolean, variant: Variant): Promise<Checked> {
  const what = `snapshot ${variant.name}`;
  const problems = await expand(bicep, copy, variant.environment);
  if (problems.length > 0) return { what, problems };
  const { predictedResources, outputs } = expanded.parse(
    JSON.parse(await readFile(join(copy, "main.snapshot.json"), "utf8")),
  );
  const sorted = {
    resources: predictedResources.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    outputs: Object.fromEntries(Object.entries(outputs).toSorted(([one], [other]) => (one < other ? -1 : 1))),
  };
  const snapshot = `${JSON.stringify(sorted, null, 2)}\n`;
  if (write) await writeFile(kept(variant.name), snapshot);
  const before = await readFile(kept(variant.name), "utf8").catch(() => "");
  return { what, problems: snapshot === before ? [] : firstDifference(before, snapshot) };
}

async function decline(
  bicep: string,
  copy: string,
  environment: Readonly<Record<string, string>>,
  says: string,
): Promise<readonly string[]> {
  const problems = await expand(bicep, copy, environment);
  return problems.some((line) => line.includes(says))
    ? []
    : [`${JSON.stringify(environment)} is not refused with "${says}": ${problems.join(" ")}`];
}

/** What Bicep has to say against it. It writes the snapshot beside the file, so it gets a copy. */
async function expand(
  bicep: string,
  copy: string,
  environment: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  await mkdir(copy, { recursive: true });
  await cp(infra, copy, { recursive: true });
  const args = ["snapshot", join(copy, "main.bicepparam"), "--mode", "overwrite", ...deployment];
  const { problems } = await runCompiler(bicep, args, environment);
  return problems.map((problem) => problem.replaceAll(copy, "infra"));
}

function firstDifference(before: string, after: string): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const at = now.findIndex((line, index) => line !== old[index]);
  return [
    `differs from what is kept, first in line ${at + 1}. See the rest by: npm run infra:check -- --write && git diff infra/snapshots`,
    `kept: ${old[at]?.trim() ?? "(nothing)"}`,
    `now:  ${now[at]?.trim() ?? "(nothing)"}`,
  ];
}
