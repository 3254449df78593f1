import { commitPrincipal } from "../model/commit.ts";
import type { LoadedPrincipal } from "../model/load.ts";
import type { PrincipalState } from "../model/principal.ts";
import { StorageConflictError } from "../storage/table.ts";
import type { CoreDependencies } from "./dependencies.ts";
import { reportCommit } from "./finish-pass.ts";
import { loadForChange } from "./known-heads.ts";

/** Tries to write a partition while other instances write it too. */
const tries = 5;

/**
 * Loads a principal, applies `change`, and commits the result, without a read of Graph. When another instance commits first, it loads and
 * applies `change` again. Returns the stored state.
 * @throws StorageConflictError after five tries, StorageRowError, and StorageUnavailableError
 */
export async function changePrincipal(
  principalId: string,
  change: (loaded: LoadedPrincipal) => PrincipalState,
  dependencies: Pick<CoreDependencies, "principals" | "state" | "telemetry">,
): Promise<PrincipalState> {
  const { principals } = dependencies;
  for (let left = tries - 1; ; left -= 1) {
    try {
      const loaded = await loadForChange(principalId, dependencies);
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

/** Calls made at the same time: enough to finish thousands within one HTTP request, few enough for storage. */
const atOnce = 16;

/** Does the work for every item, 16 at a time. Rejects with the first failure; later items may be left undone. */
export async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce) {
    await Promise.all(items.slice(from, from + atOnce).map(work));
  }
}
