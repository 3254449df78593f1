import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { readHeads } from "../reconcile/resync.ts";
import { enterPosture } from "../revocation/posture.ts";

/**
 * Notes the mode and the stop of this process's settings. When they lead out of a rest, what is pending is told before any of it is carried
 * out. @throws the errors of storage
 */
export async function begin(
  dependencies: Pick<CoreDependencies, "state" | "principals" | "policy" | "telemetry">,
): Promise<void> {
  const { state, policy, telemetry } = dependencies;
  const resumption = await enterPosture(state, policy);
  if (resumption === null) return;
  const heads = await readHeads(dependencies);
  const openSince = [...heads.values()].flatMap((head) => head?.openSince ?? []);
  telemetry.alarm("revokingBegan", {
    after: resumption.from,
    since: new Date(resumption.since).toISOString(),
    pendingPrincipals: openSince.length,
    oldestPendingSince:
      openSince.length === 0 ? null : new Date(openSince.reduce((a, b) => Math.min(a, b))).toISOString(),
  });
}
