import { parseArgs } from "node:util";

export const help = `npm start [-- --once [--without]]

Plays what happens when a role, a group's role and a membership end: the built app on this machine, against a simulated Entra tenant.
No Azure, no account. Afterwards it goes on and serves the status page, until Ctrl-C. Exit code 0: every promise was kept; 1: one was
broken; 2: the arguments are.

  --once     ends with the story
  --without  plays it without the app, on a clock that is sped up for 28 hours: how long a lost role goes on
  --help     says this

Colours and marks only on a terminal; NO_COLOR=1 leaves out the colours. The same facts are written to local/out/story.json.
`;

export interface StoryArguments {
  /** Ends with the story instead of serving on. */
  readonly once: boolean;
  /** Plays it without the app. */
  readonly without: boolean;
  readonly help: boolean;
}

/** @throws TypeError that names what is not taken */
export function readArguments(args: readonly string[]): StoryArguments {
  const options = {
    once: { type: "boolean" },
    without: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  } as const;
  const { once = false, without = false, help: isHelp = false } = parseArgs({ args: [...args], options }).values;
  return { once, without, help: isHelp };
}
