import { parseArgs } from "node:util";

export const usage = "npm start [-- --once [--without]]";

export interface StoryArguments {
  /** Ends with the story instead of serving on. */
  readonly once: boolean;
  /** Plays it without the app. */
  readonly without: boolean;
}

/** @throws TypeError that names what is not taken */
export function readArguments(args: readonly string[]): StoryArguments {
  const options = { once: { type: "boolean" }, without: { type: "boolean" } } as const;
  const { once = false, without = false } = parseArgs({ args: [...args], options }).values;
  return { once, without };
}
