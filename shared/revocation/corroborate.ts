import { isGraphError } from "../graph/graph-errors.ts";
import type { Obligation } from "../model/pending-revocation.ts";
import type { Telemetry } from "../telemetry/telemetry-parts.ts";

/** Whether Graph's own audit log shows this end of this user. May throw Graph's errors. */
export type Corroborates = (obligation: Obligation, principalId: string) => Promise<boolean>;

/** The keys of the obligations that Graph's audit log shows. An audit log that cannot be read says nothing: it is asked again later. */
export async function findCorroborated(
  principalId: string,
  obligations: Iterable<Obligation>,
  corroborates: Corroborates,
  telemetry: Telemetry,
): Promise<readonly string[]> {
  const found: string[] = [];
  try {
    // One after the other: the reports of Graph answer 5 requests in 10 seconds (Graph docs: throttling-limits).
    for (const obligation of obligations) if (await corroborates(obligation, principalId)) found.push(obligation.key);
  } catch (error) {
    if (!isGraphError(error)) throw error;
    telemetry.event("corroborationFailed", { principalId, code: error.code, status: error.status ?? null });
  }
  return found;
}
