import { createControlStore, readStop } from "../../../shared/enforcement/stop-and-resume.ts";
import { readHealth } from "../../../shared/operators/health.ts";
import { loadResync } from "../../../shared/reconcile/resync.ts";
import { isSealed } from "../../../shared/storage/seal.ts";
import { isStorageError, StorageRefusedError, StorageSealError } from "../../../shared/storage/table.ts";
import { type Finding, good } from "../finding.ts";
import type { Check } from "../patient.ts";

/** Checks storage, and the state that the running app has stored there. */
export const checkStorage: Check = async ({ state, settings }) => {
  let isForged: boolean;
  try {
    await isSealed(state);
    await loadResync(state);
    isForged = (await readStop(state))?.isForged ?? false;
  } catch (error) {
    if (!isStorageError(error)) throw error;
    if (error instanceof StorageSealError) return [otherSecret(error.message)];
    const isRefused = error instanceof StorageRefusedError;
    return [
      {
        check: "storage",
        state: "bad",
        what: error.message,
        why: "Everything that the app knows is there; without it nothing is cut.",
        fix: isRefused
          ? "az role assignment create --assignee PRINCIPAL_ID --role 'Storage Table Data Contributor' --scope STORAGE_ACCOUNT_ID   # and Storage Queue Data Contributor"
          : "Check the account's name and its network rules: az storage account show --name ACCOUNT",
      },
    ];
  }
  const { policy, resync } = settings;
  const health = await readHealth(state, createControlStore(state), policy, resync.intervalMs);
  // An operator set a genuine stop, and another finding shows it. A forged stop was set by no operator.
  const meant = isForged ? [] : health.conditions.filter(({ kind }) => kind === "stopped").map(({ why }) => why);
  const problems = health.problems.filter((problem) => !meant.includes(problem));
  const never = health.lastResync.startedAt === null && policy.mode !== "off";
  return [
    good("storage", "can be read"),
    ...(health.stopped && !policy.stopped && !isForged ? [stoppedByOperator] : []),
    ...(never ? [neverRan] : problems.map(toFinding)),
    ...(health.healthy ? [good("app", `runs; it last read the active set at ${health.lastResync.finishedAt}`)] : []),
  ];
};

const otherSecret = (what: string): Finding => ({
  check: "storage",
  state: "bad",
  what,
  why: "The app reads and writes nothing with a secret that the stored rows do not know, so that nothing is lost.",
  fix: "Set CUTOFF_SECRET_PREVIOUS to the secret before; GET /api/health says when it may go",
});

const stoppedByOperator: Finding = {
  check: "app",
  state: "warning",
  what: "An operator has called the emergency stop.",
  why: "Ends are recorded, and nobody is cut until it is lifted or they are stale.",
  fix: "POST /api/operations/resume with a reason: it shows what is pending first",
};

const neverRan: Finding = {
  check: "app",
  state: "bad",
  what: "The app has never run with this storage.",
  why: "Either it does not run, or it uses another storage account than these settings name.",
  fix: "curl -i https://APP/api/live   # 503: bad settings; no answer: not running",
};

const toFinding = (problem: string): Finding => ({
  check: "app",
  state: "bad",
  what: problem,
  why: "The running app says so itself.",
  fix: "GET /api/health says more; docs/operate.md has a part for each alert",
});
