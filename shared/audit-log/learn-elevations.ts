import { type Elevation, elevationActivities } from "../base/audit-activities.ts";
import { loadElevations, saveElevations } from "../enforcement/elevated-access.ts";
import { isGraphError } from "../graph/errors.ts";
import { type CatchUpDependencies, retention } from "./catch-up.ts";
import { elevationOf } from "./classify.ts";
import { noteElevations } from "./elevations.ts";
import { parseAuditRows } from "./parse.ts";
import { loadCatchUp } from "./shared-state.ts";

/** Milliseconds until the next try after a failure: the catch-up needs Graph's quota for reports. */
const retryEvery = 5 * 60_000;

/**
 * Reads the whole audit log once for users who elevated their access; the catch-up reads later rows. Repeats this when the stored row is gone.
 * @throws the errors of storage
 */
export async function learnElevations(dependencies: CatchUpDependencies): Promise<void> {
  const { state, policy, readAudits, graphClock, telemetry } = dependencies;
  if (policy.mode === "off") return;
  const { isComplete, notBefore, storageTime } = await loadElevations(state);
  if (isComplete || (notBefore ?? 0) > storageTime) return;
  // The catch-up goes first, since ends count from its first reading on.
  if ((await loadCatchUp(state)).record.from === null) return;
  const since = graphClock.now(storageTime) - retention;
  try {
    const found: Elevation[] = [];
    for (const activity of Object.values(elevationActivities)) {
      const { value } = await readAudits({ since, activity });
      found.push(...parseAuditRows(value).records.flatMap(elevationOf));
    }
    await noteElevations(found, dependencies);
    await saveElevations(state, [], { isComplete: true, notBefore: null });
  } catch (error) {
    if (!isGraphError(error)) throw error;
    const { code, status = null, requestId = null, message } = error;
    telemetry.event("auditsUnread", { code, status, requestId, message });
    await saveElevations(state, [], { notBefore: storageTime + retryEvery });
  }
}
