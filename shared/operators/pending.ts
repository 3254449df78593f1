import { reviewAfter } from "../enforcement/stop-and-resume.ts";
import { loadPrincipal } from "../model/load.ts";
import { isRole, isRule, type PendingRevocation } from "../model/pending-revocation.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { sideBySide } from "../reconcile/finish-pass.ts";
import { readHeads } from "../reconcile/heads.ts";
import { StorageRowError } from "../storage/table.ts";

/** Pending revocations, for an operator who is about to resume. Object ids only. */
export interface Pending {
  readonly principals: readonly PendingPrincipal[];
  /** Number of principals not listed: there are too many, or their rows cannot be read. */
  readonly more: number;
}

interface PendingPrincipal {
  readonly principalId: string;
  readonly ends: readonly PendingEnd[];
}

interface PendingEnd {
  /** The role, or the group whose membership or ownership is the privilege itself. */
  readonly roleDefinitionId?: string;
  readonly groupId?: string;
  /** The activity of the audit log, named in `AUDIT_RULES`, that is the reason. */
  readonly activity?: string;
  /** When the privilege was last known to be held; ISO. */
  readonly endedAt: string;
  /** True: if revoking resumes now, it is carried out only if an operator orders it. */
  readonly olderThanAnHour: boolean;
  /** Why the revocation is held; null when it is not. */
  readonly heldBy: string | null;
}

const shownAtMost = 200;

/** Lists the principals with losses that have no outcome yet, those that wait longest first. @throws the errors of storage */
export async function listPending(dependencies: OperationDependencies): Promise<Pending> {
  const heads = await readHeads(dependencies);
  const waiting = [...heads]
    .flatMap(([id, head]) => (typeof head?.openSince === "number" ? [{ id, since: head.openSince }] : []))
    .toSorted((a, b) => a.since - b.since);
  const found = new Map<string, PendingPrincipal>();
  await sideBySide(waiting.slice(0, shownAtMost), async ({ id }) => {
    const principal = await loadPending(id, dependencies);
    if (principal !== null) found.set(id, principal);
  });
  const principals = waiting.flatMap(({ id }) => found.get(id) ?? []);
  return { principals, more: waiting.length - principals.length };
}

async function loadPending(
  principalId: string,
  { principals, graphClock }: OperationDependencies,
): Promise<PendingPrincipal | null> {
  try {
    const { state, storageTime } = await loadPrincipal(principals, principalId);
    const ends = [...state.revocations.values()].flatMap((revocation) =>
      toEnd(revocation, graphClock.now(storageTime)),
    );
    return ends.length === 0 ? null : { principalId, ends };
  } catch (error) {
    if (error instanceof StorageRowError) return null;
    throw error;
  }
}

/** `now`: Graph's time, epoch milliseconds. */
function toEnd(revocation: PendingRevocation, now: number): readonly PendingEnd[] {
  const { progress, lastHeld, through } = revocation;
  if (progress.state !== "pending") return [];
  return [
    {
      ...(isRule(revocation) ? { activity: revocation.activity } : {}),
      ...(isRole(revocation) ? { roleDefinitionId: revocation.roleDefinitionId } : {}),
      ...(through === undefined ? {} : { groupId: through.groupId }),
      endedAt: new Date(lastHeld).toISOString(),
      olderThanAnHour: now - lastHeld > reviewAfter,
      heldBy: progress.heldBy,
    },
  ];
}

export type OperationDependencies = Pick<
  CoreDependencies,
  "principals" | "state" | "control" | "graphClock" | "notices" | "signals" | "newId" | "policy" | "telemetry"
>;
