import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
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

/** Runs a group in a process of its own, so that its failures are told in full before the next one begins. */
export async function runGroup(group: Group, more: readonly string[]): Promise<GroupResult> {
  const started = performance.now();
  const file = reportOf(group);
  await rm(file, { force: true });
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
    stdio: "inherit",
    env: { ...process.env, ...group.env },
  });
  const [code] = await once(child, "exit");
  const seconds = Math.round((performance.now() - started) / 1000);
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

async function readReport(file: string): Promise<z.infer<typeof report>> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
  return report.parse(JSON.parse(text));
}
