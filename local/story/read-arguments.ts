import { parseArgs } from "node:util";

export const help = `npm start [-- --once [--without]]

Plays what happens when a role, a group's role and a membership end: the built app runs on this machine, against a simulated Entra
tenant. It needs no Azure and no account. After the story it serves the status page until Ctrl-C.

  --once     exits after the story
  --without  plays the story without the app, and exits: a sped-up clock runs through 28 hours and shows how long a lost role goes on
  --help     prints this text

Exit code 0: every promise was kept. 1: a promise was broken. 2: an argument is not known.
Colours and marks appear on a terminal only, and no colours with NO_COLOR=1. The file local/out/story.json gets the same facts.
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
