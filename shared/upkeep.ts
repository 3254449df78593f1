import { StorageRowError } from "./storage/storage-errors.ts";
import type { Telemetry } from "./telemetry/telemetry-parts.ts";

/**
 * Runs what follows a resync, one step after the other. A row that this version cannot read holds up only the step that needs it: that is raised, the row
 * is left as it is, and the other steps are run.
 * @throws every other error of a step
 */
export async function runUpkeep(
  steps: Readonly<Record<string, () => Promise<unknown>>>,
  telemetry: Pick<Telemetry, "alarm">,
): Promise<void> {
  for (const [place, run] of Object.entries(steps)) {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      telemetry.alarm("rowUnreadable", { place, row: error.row, code: error.code, message: error.message });
    }
  }
}
