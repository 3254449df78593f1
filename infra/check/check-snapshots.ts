import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { BicepService } from "./bicep-service.ts";
import type { Checked } from "./finding.ts";
import { type Refused, refused, type Variant, variants } from "./variants.ts";

const infra = fileURLToPath(new URL("..", import.meta.url));

/** What Bicep writes. It lists outputs in any order. */
const expanded = z.object({
  predictedResources: z.array(z.looseObject({ id: z.string() })),
  outputs: z.record(z.string(), z.unknown()),
});

/**
 * Expands the template as Azure would, once for each variant, and compares what comes of it with what is kept in the repository: a change of
 * any resource is seen by whoever reviews it, and held against Azure's rules by test/unit/infra/snapshots.test.ts.
 */
export async function checkSnapshots(bicep: BicepService, out: string, write: boolean): Promise<readonly Checked[]> {
  const copy = join(out, "infra");
  await rm(copy, { recursive: true, force: true });
  // What Bicep reads, without the files of TypeScript, which the compiler of that would find there.
  await cp(infra, copy, { recursive: true, filter: (path) => !path.endsWith(".ts") });
  const complete = await fill(copy, "complete", variants.at(-1)?.environment ?? {});
  const warnings = (await bicep.compile(complete)).map(({ text }) => text.replace(`${copy}/`, "infra/"));
  const checked: Checked[] = [{ what: "main.bicep", problems: warnings }];
  for (const variant of variants) {
    const problems = await compare(bicep, await fill(copy, variant.name, variant.environment), variant, write);
    checked.push({ what: `snapshot ${variant.name}`, problems });
  }
  const accepted: string[] = [];
  for (const [at, one] of refused.entries()) {
    accepted.push(...(await decline(bicep, await fill(copy, `refused-${at}`, one.environment), one)));
  }
  return [...checked, { what: `${refused.length} combinations that are refused`, problems: accepted }];
}

/** main.bicepparam as Bicep reads it with these environment variables: those of a service cannot be changed. */
async function fill(copy: string, name: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const path = join(copy, `${name}.bicepparam`);
  const text = await readFile(join(copy, "main.bicepparam"), "utf8");
  const filled = text.replace(
    /readEnvironmentVariable\('(\w+)'(?:, '([^']*)')?\)/g,
    (call: string, variable: string, otherwise: string | undefined) => {
      const value = environment[variable] ?? otherwise;
      return value === undefined ? call : `'${value}'`;
    },
  );
  await writeFile(path, filled);
  return path;
}

async function compare(
  bicep: BicepService,
  path: string,
  variant: Variant,
  write: boolean,
): Promise<readonly string[]> {
  const expansion = await bicep.expand(path);
  if ("refusal" in expansion) return refusals(bicep, path, expansion.refusal);
  const { predictedResources, outputs } = expanded.parse(JSON.parse(expansion.snapshot));
  const sorted = {
    resources: predictedResources.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    outputs: Object.fromEntries(Object.entries(outputs).toSorted(([one], [other]) => (one < other ? -1 : 1))),
  };
  const snapshot = `${JSON.stringify(sorted, null, 2)}\n`;
  const kept = join(infra, "snapshots", `${variant.name}.json`);
  if (write) await writeFile(kept, snapshot);
  const before = await readFile(kept, "utf8").catch(() => "");
  return snapshot === before ? [] : firstDifference(before, snapshot);
}

async function decline(bicep: BicepService, path: string, { environment, says }: Refused): Promise<readonly string[]> {
  const expansion = await bicep.expand(path);
  const found = "refusal" in expansion ? await refusals(bicep, path, expansion.refusal) : [];
  return found.some((text) => text.includes(says))
    ? []
    : [`${JSON.stringify(environment)} is not refused with "${says}": ${found.join(" ")}`];
}

/** Why nothing was expanded. Of what does not compile the service says only that. */
async function refusals(bicep: BicepService, path: string, refusal: string): Promise<readonly string[]> {
  return refusal.includes("Compilation failed") ? (await bicep.compile(path)).map(({ text }) => text) : [refusal];
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
