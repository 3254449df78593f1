import { readObligation } from "../assignments/load-principal.ts";
import { obligationPrefix } from "../assignments/principal-rows.ts";
import type { Closed, Obligation } from "../revocation/obligation.ts";
import { type Table, unforged } from "../storage/table.ts";

export interface FoundOutcome {
  readonly principalId: string;
  readonly obligation: Obligation;
  readonly closed: Closed;
}

/** The outcome that storage holds; null when there is none, or somebody else wrote it. @throws the errors of storage */
export async function findOutcome(principalId: string, key: string, principals: Table): Promise<FoundOutcome | null> {
  const { value } = await principals.get(principalId, obligationPrefix + key);
  const row = unforged(value);
  if (row === undefined) return null;
  const obligation = readObligation(row);
  const { progress } = obligation;
  return progress.state === "closed" ? { principalId, obligation, closed: progress } : null;
}
