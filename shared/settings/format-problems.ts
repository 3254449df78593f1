import type { SettingProblem } from "./setting-problem.ts";

/** Problems for people: one line each. */
export function formatProblems(problems: readonly SettingProblem[]): string {
  const count = problems.length === 1 ? "One problem" : `${problems.length} problems`;
  const lines = problems.map(
    ({ setting, found, expected, example }) =>
      `  ${setting}: found ${found}; expected ${expected} (example: ${example})`,
  );
  return [`${count} with the app settings. Nothing is watched until this is put right:`, ...lines].join("\n");
}
