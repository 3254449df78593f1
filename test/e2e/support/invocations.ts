import { readFile } from "node:fs/promises";
import type { LoggingHost } from "./world.ts";

/** Whether a host runs a function right now, by its own log. */
export async function isRunning({ log }: LoggingHost, functionName: string): Promise<boolean> {
  const text = await readFile(log, "utf8");
  const count = (what: string) =>
    text.split("\n").filter((line) => line.includes(`[${functionName} `) && line.includes(what));
  return count("] Executing ").length > count("] Executed ").length;
}
