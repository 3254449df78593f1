import type { Group } from "./groups.ts";
import type { GroupResult } from "./run-group.ts";

export interface Run {
  readonly results: readonly GroupResult[];
  /** From the start to the end; less than the sum where groups ran side by side. */
  readonly seconds: number;
  /** What a red group kept from running. */
  readonly stopped: readonly Group[];
  readonly leftOut: readonly Group[];
}

/** The last lines of a run: what ran, what did not, and which command runs that. */
export function describeResults({ results, seconds, stopped, leftOut }: Run): readonly string[] {
  const sum = (count: (result: GroupResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const isGreen = results.every((result) => result.isGreen);
  return [
    "",
    `${isGreen ? "Passed" : "FAILED"} in ${duration(seconds)}`,
    ...results.map(
      ({ group, isGreen, seconds, passed }) =>
        `  ${isGreen ? "passed" : "FAILED"}  ${duration(seconds).padStart(10)}  ${String(passed).padStart(5)} passed  ${group.does}`,
    ),
    ...stopped.map(({ does }) => `  not run, after a failure:           ${does}`),
    ...(leftOut.length === 0 ? [] : ["What this command does not run:"]),
    ...[...Map.groupBy(leftOut, ({ command }) => command)].map(([command, groups]) =>
      row(command, groups.map(({ does }) => does).join("; ")),
    ),
    ...(leftOut.length === 0 ? [] : [row("test:all", "everything")]),
    `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed, ${sum(({ skipped }) => skipped)} skipped`,
  ];
}

const row = (command: string, does: string): string => `  ${`npm run ${command}`.padEnd(27)} ${does}`;

const duration = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
