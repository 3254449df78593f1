import { reportCommit } from "../assignments/report-commit.ts";
import { commitPrincipal } from "../model/commit.ts";
import { type LoadedPrincipal, loadPrincipal } from "../model/load.ts";
import type { PrincipalState } from "../model/principal.ts";
import { StorageConflictError } from "../storage/storage-errors.ts";
import type { CoreDependencies } from "./dependencies.ts";

/** How often a partition is written again when somebody else is writing it. */
const tries = 5;

/**
 * Commits what `change` makes of a stored principal, without a look at Graph. Whoever commits first counts: it is then made anew. Returns
 * the state as it is stored afterwards.
 * @throws StorageConflictError after five tries, StorageRowError, and StorageUnavailableError
 */
export async function changePrincipal(
  principalId: string,
  change: (loaded: LoadedPrincipal) => PrincipalState,
  dependencies: Pick<CoreDependencies, "principals" | "telemetry">,
): Promise<PrincipalState> {
  const { principals } = dependencies;
  for (let left = tries - 1; ; left -= 1) {
    try {
      const loaded = await loadPrincipal(principals, principalId);
      const next = change(loaded);
      if (next === loaded.state) return next;
      const committed = await commitPrincipal(principals, loaded, next);
      reportCommit(dependencies, loaded.state, committed.state, []);
      return committed.state;
    } catch (error) {
      if (!(error instanceof StorageConflictError) || left === 0) throw error;
    }
  }
}
