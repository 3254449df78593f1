import { execFile } from "node:child_process";
import { promisify } from "node:util";

/**
 * Environment of a process whose wall clock is so many minutes off, by faketime (Debian: `apt-get install faketime`). What measures
 * durations stays right, as on a real machine.
 * @throws when faketime is not installed
 */
export async function shiftedClock(minutes: number): Promise<Readonly<Record<string, string>>> {
  return {
    LD_PRELOAD: await findLibrary(),
    FAKETIME: `${minutes < 0 ? "-" : "+"}${Math.abs(minutes)}m`,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
}

/** Where the library lies is best known to the command. */
async function findLibrary(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("faketime", ["-f", "+0", "printenv", "LD_PRELOAD"]);
    return stdout.trim();
  } catch (cause) {
    throw new Error("This test needs faketime: install it (Debian: apt-get install faketime).", { cause });
  }
}
