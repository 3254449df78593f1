import { z } from "zod";
import { rowKey } from "../base/keys.ts";
import { sideBySide } from "../base/side-by-side.ts";
import { reviewAfter } from "../enforcement/stop-and-resume.ts";
import { loadPrincipal } from "../model/load-and-commit.ts";
import { isRole, isRule, type PendingRevocation } from "../model/pending-revocation.ts";
import type { CoreDependencies } from "../reconcile/dependencies.ts";
import { readHeads } from "../reconcile/heads.ts";
import { parseMessage, SignalError } from "../reconcile/messages.ts";
import { parseRows, StorageConflictError, StorageRowError, type Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

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

/** A record of a message that the host gave up on, kept for an operator. Never the message's content. */
export interface DeadLetter {
  readonly messageId: string;
  /** Null when the message is not about one principal. */
  readonly principalId: string | null;
  /** A code, e.g. `SIGNAL_UNREADABLE`; `UNKNOWN` when the message could be processed now. */
  readonly code: string;
  /** The fault and the field or row that has it. */
  readonly reason: string;
  /** Storage's time, epoch milliseconds. */
  readonly parkedAt: number;
}

const partition = "deadLetters";
const schema = z.object({
  schema: z.literal(1),
  messageId: z.string(),
  principalId: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
});

interface DeadLetterDependencies {
  readonly state: Table;
  readonly principals: Table;
  readonly telemetry: Telemetry;
}

/** Stores a message of the poison queue with its reason. The resync still finds the principal. @throws the errors of storage */
export async function parkDeadLetter(
  message: unknown,
  messageId: string,
  { state, principals, telemetry }: DeadLetterDependencies,
): Promise<void> {
  const diagnosis = await diagnose(message, principals);
  const content = { schema: 1, messageId, ...diagnosis };
  await state.commit(partition, [{ type: "upsert", row: rowOf(content), content }]);
  telemetry.alarm("deadLetter", { messageId, principalId: diagnosis.principalId, code: diagnosis.code });
}

/** One row per principal, for the newest dead letter: while a principal's state cannot be read, every resync leads to another one. */
const rowOf = ({ principalId, messageId }: Pick<DeadLetter, "principalId" | "messageId">): string =>
  rowKey(principalId ?? messageId);

/** A dead letter and its row in storage. */
interface ParkedLetter {
  readonly letter: DeadLetter;
  readonly etag: string;
}

interface DeadLetters {
  /** The newest first. */
  readonly parked: readonly ParkedLetter[];
  /** Number of dead letters that another version parked. They stay as they are. */
  readonly unreadable: number;
}

/** Loads all dead letters. @throws the errors of storage */
export async function loadDeadLetters(state: Table): Promise<DeadLetters> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  const parked = read.map(({ row, content }) => ({
    letter: { ...content, parkedAt: row.timestamp },
    etag: row.etag,
  }));
  return { parked: parked.toSorted((a, b) => b.letter.parkedAt - a.letter.parkedAt), unreadable: unreadable.length };
}

/** Removes a dead letter, unless it was removed or parked again since it was loaded. */
export async function removeDeadLetter(state: Table, { letter, etag }: ParkedLetter): Promise<void> {
  try {
    await state.commit(partition, [{ type: "delete", row: rowOf(letter), etag }]);
  } catch (error) {
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

/** The host does not report why a message failed, so this repeats the steps whose failures are permanent. */
async function diagnose(
  message: unknown,
  principals: Table,
): Promise<Pick<DeadLetter, "principalId" | "code" | "reason">> {
  let principalId: string | null = null;
  try {
    const parsed = parseMessage(message);
    if (parsed.kind === "principal") {
      principalId = parsed.signal.principalId;
      await loadPrincipal(principals, principalId);
    }
  } catch (error) {
    if (error instanceof SignalError || error instanceof StorageRowError) {
      return { principalId, code: error.code, reason: error.message };
    }
    throw error;
  }
  return {
    principalId,
    code: "UNKNOWN",
    reason: "The message failed five times and is readable now: see the log of its invocations.",
  };
}
