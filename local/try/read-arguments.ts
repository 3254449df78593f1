import { parseArgs } from "node:util";

export const help = `npm run try

The app on this machine, in report-only, against the tenant that local.settings.json of the current folder names. It reads, and revokes
nothing. It runs until Ctrl-C; its state stays in local/out/try. Exit code 2: the settings or the arguments are not good.

  --build  builds the app first, as npm run try does
  --help   prints this text

docs/deploy.md says how to make local.settings.json: On your own machine first.
`;

interface TrialArguments {
  /** Builds the app first. */
  readonly build: boolean;
  readonly help: boolean;
}

/** @throws TypeError that names what is not taken */
export function readArguments(args: readonly string[]): TrialArguments {
  const options = { build: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
  const { build = false, help: isHelp = false } = parseArgs({ args: [...args], options }).values;
  return { build, help: isHelp };
}
