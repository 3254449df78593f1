import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Group } from "./groups.ts";

const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));

const report = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });

export interface GroupResult {
  readonly group: Group;
  readonly isGreen: boolean;
  readonly seconds: number;
  /** Zeros when Vitest died before it could report. */
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Where Vitest's own report of a group's last run lies, from the root of the repository. */
export const reportOf = ({ name }: Group): string => `local/out/tests/${name}.json`;

/** Where a group that runs beside another one writes until its turn comes. */
const outputOf = ({ name }: Group): string => `local/out/tests/${name}.log`;

/**
 * Runs a group in a process of its own, so that its failures are printed in full before the next one begins.
 * A group that runs beside another one says nothing before `turn` settles, since two outputs would mix line by line.
 */
export async function runGroup(group: Group, more: readonly string[], turn?: Promise<unknown>): Promise<GroupResult> {
  const started = performance.now();
  const file = reportOf(group);
  await rm(file, { force: true });
  if (turn === undefined) sayWhatRuns(group);
  const output = turn === undefined ? null : await openOutput(group);
  const args = [
    "run",
    ...group.projects.map((project) => `--project=${project}`),
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
    ...(group.args ?? []),
    ...more,
  ];
  const child = spawn(process.execPath, [vitest, ...args], {
    stdio: output === null ? "inherit" : ["inherit", output.fd, output.fd],
    env: { ...process.env, ...group.env },
  });
  const [code] = await once(child, "exit");
  const seconds = Math.round((performance.now() - started) / 1000);
  if (output !== null) {
    await output.close();
    await turn;
    sayWhatRuns(group);
    process.stdout.write(await readFile(outputOf(group)));
  }
  const { numPassedTests, numFailedTests, numPendingTests } = await readReport(file);
  return {
    group,
    isGreen: code === 0,
    seconds,
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests,
  };
}

const sayWhatRuns = ({ does }: Group): void => console.log(`\n${does[0]?.toUpperCase()}${does.slice(1)}`);

async function openOutput(group: Group) {
  const file = outputOf(group);
  await mkdir(dirname(file), { recursive: true });
  return open(file, "w");
}

async function readReport(file: string): Promise<z.infer<typeof report>> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
  return report.parse(JSON.parse(text));
}
