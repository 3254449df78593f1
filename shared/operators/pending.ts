import { reviewAfter } from "../enforcement/stop-and-resume.ts";
import { loadPrincipal } from "../model/load.ts";
import { isRole, isRule, type PendingRevocation } from "../model/pending-revocation.ts";
import { sideBySide } from "../reconcile/change-principal.ts";
import { readHeads } from "../reconcile/heads.ts";
import { StorageRowError } from "../storage/table.ts";
import type { OperationDependencies } from "./read-order.ts";

/** What is pending, for an operator who is about to let it go on. Object ids only. */
export interface Pending {
  readonly principals: readonly PendingPrincipal[];
  /** Principals that are not shown: there are too many, or their rows cannot be read. */
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
  /** The activity of the audit log that a rule of the settings names. */
  readonly activity?: string;
  /** When it was last held, as far as is known; ISO. */
  readonly endedAt: string;
  /** Only carried out if an operator says so, should revoking begin again now. */
  readonly olderThanAnHour: boolean;
  /** Why it is not carried out, when something holds it. */
  readonly heldBy: string | null;
}

const shownAtMost = 200;

/** Reads everybody whose ended privileges have no outcome yet, those that wait longest first. @throws the errors of storage */
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

/** `now` is Graph's time. */
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
