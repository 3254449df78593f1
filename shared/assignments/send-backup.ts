import { StorageUnavailableError } from "../storage/storage-errors.ts";
import type { CoreDependencies } from "./core-dependencies.ts";
import { type Signal, toMessage } from "./signal.ts";

/**
 * Asks for a look when a wait for a known end is over, `delay` milliseconds from now: should this host die in it, its own message stays hidden
 * for minutes, and another host takes over. One for the whole invocation, at its first wait. It is beside the one message that `planWake`
 * plans, which does not count on it: when nobody died it finds the work done, or looks along from another host until it is.
 */
export async function sendBackup(
  { principalId }: Signal,
  delay: number,
  { signals, telemetry }: Pick<CoreDependencies, "signals" | "telemetry">,
): Promise<void> {
  try {
    await signals.send(toMessage({ principalId, because: "backup", tries: 0 }), delay);
  } catch (error) {
    if (!(error instanceof StorageUnavailableError)) throw error;
    // Whoever waits goes on waiting, and the resync finds a wake-up that nobody kept.
    telemetry.event("storageUnavailable", { principalId, tries: 0 });
  }
}
