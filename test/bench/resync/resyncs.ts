import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

/** A resync, as the app reports it. */
export type Resync = z.infer<typeof resynced>;

const resynced = z.object({
  event: z.literal("resynced"),
  listed: z.number(),
  enqueued: z.number(),
  /** Wall clock of the whole resync. */
  milliseconds: z.number(),
});

/** The resyncs in a host's log, oldest first. */
export async function readResyncs(log: string): Promise<readonly Resync[]> {
  const text = await readFile(log, "utf8").catch(() => "");
  return text
    .split("\n")
    .flatMap((line) => (line.startsWith('{"event":"resynced"') ? [resynced.parse(JSON.parse(line))] : []));
}

/** Waits until the log has one that `wanted` accepts; how many there are by then. */
export async function awaitResync(
  log: string,
  wanted: (all: readonly Resync[]) => boolean,
): Promise<readonly Resync[]> {
  for (;;) {
    const all = await readResyncs(log);
    if (wanted(all)) return all;
    await delay(200);
  }
}
