import type { Elevation } from "../base/audit-activities.ts";
import { loadElevations, markElevated, saveElevations } from "../enforcement/elevated-access.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { changePrincipal } from "../reconcile/finish-pass.ts";
import { StorageRowError } from "../storage/table.ts";

/**
 * Stores the elevations that the catch-up has read. Rows come minutes late: a user who turns out to be elevated may have lost Global Administrator
 * meanwhile, and that end is then reported again. @throws the errors of storage
 */
export async function noteElevations(
  news: readonly Elevation[],
  dependencies: Pick<CoreDependencies, "principals" | "state" | "telemetry">,
): Promise<void> {
  if (news.length === 0) return;
  const { state, telemetry } = dependencies;
  await saveElevations(state, news);
  const { elevations } = await loadElevations(state);
  for (const userId of new Set(news.map((one) => one.userId))) {
    const one = elevations.get(userId);
    if (one?.elevated !== true) continue;
    try {
      await changePrincipal(userId, (loaded) => markElevated(loaded.state, one.at), dependencies);
    } catch (error) {
      if (!(error instanceof StorageRowError)) throw error;
      telemetry.alarm("rowUnreadable", { principalId: userId, row: error.row, code: error.code });
    }
  }
}
