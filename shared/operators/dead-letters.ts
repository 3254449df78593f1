import { z } from "zod";
import { rowKey } from "../base/keys.ts";
import { loadPrincipal } from "../model/load.ts";
import { parseMessage, SignalError } from "../reconcile/messages.ts";
import { parseRows } from "../storage/rows.ts";
import { StorageConflictError, StorageRowError, type Table } from "../storage/table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** A message that the host gave up on, kept for a person. Never its content. */
export interface DeadLetter {
  readonly messageId: string;
  /** Null when the message is not about one principal. */
  readonly principalId: string | null;
  /** A code, e.g. `SIGNAL_UNREADABLE`; `UNKNOWN` when it would work now. */
  readonly code: string;
  /** What is wrong and where. */
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

/** Parks a message of the poison queue with its reason. The principal itself stays in the resync's care. */
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

/** One per principal: while its state cannot be read, every resync leads to another. The newest stands for them all. */
const rowOf = ({ principalId, messageId }: Pick<DeadLetter, "principalId" | "messageId">): string =>
  rowKey(principalId ?? messageId);

/** A dead letter as it lies in storage. */
interface ParkedLetter {
  readonly letter: DeadLetter;
  readonly etag: string;
}

interface DeadLetters {
  /** The newest first. */
  readonly parked: readonly ParkedLetter[];
  /** How many another version parked: they stay where they are. */
  readonly unreadable: number;
}

/** All of them. */
export async function loadDeadLetters(state: Table): Promise<DeadLetters> {
  const { read, unreadable } = parseRows((await state.list(partition)).value, schema);
  const parked = read.map(({ row, content }) => ({
    letter: { ...content, parkedAt: row.timestamp },
    etag: row.etag,
  }));
  return { parked: parked.toSorted((a, b) => b.letter.parkedAt - a.letter.parkedAt), unreadable: unreadable.length };
}

/** Removes a parked row, unless it was removed or parked anew since it was loaded. */
export async function removeDeadLetter(state: Table, { letter, etag }: ParkedLetter): Promise<void> {
  try {
    await state.commit(partition, [{ type: "delete", row: rowOf(letter), etag }]);
  } catch (error) {
    if (!(error instanceof StorageConflictError)) throw error;
  }
}

/** The host does not say why a message failed: try again what can fail for good. */
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
