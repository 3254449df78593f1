import type { Clock } from "../base/clock.ts";
import { GraphRetryableError, isGraphError } from "../graph/graph-errors.ts";
import { instantMs } from "../graph/instants-and-ids.ts";
import type { GroupDependencies } from "../groups/group-dependencies.ts";
import type { AuditRecord } from "../signals/audit-record.ts";
import type { ReadAudits } from "../signals/corroborate.ts";
import { parseAuditRows } from "../signals/parse-audit-row.ts";
import type { Telemetry } from "../telemetry/telemetry-parts.ts";
import { principalsAmong } from "./record.ts";

/** Core Directory's rows of somebody who comes into a group or leaves it (Entra docs: reference-audit-activities). */
const joins: ReadonlySet<string> = new Set(["Add member to group", "Add owner to group"]);
const leaves: ReadonlySet<string> = new Set(["Remove member from group", "Remove owner from group"]);

/** Graph's `Date` is whole seconds: who joined in the very second of the end may have been there before it. */
const dateResolution = 1000;

/** Milliseconds that our own pace for Graph's reports may keep this waiting: a newcomer's session is worth them, the others' exposure no more. */
const longestTurn = 5000;
/** The pace itself waits for a turn that is this near, and keeps it meanwhile. */
const nearTurn = 1000;

/**
 * Tells by Graph's own audit log who joined a group after it had lost a privilege, and so never held it. Rows come minutes late, and a log that
 * cannot be read must not hold up the others: whoever is not shown to have joined counts as having been there, and loses a session at worst.
 */
export function createJoinedSince(
  readAudits: ReadAudits,
  telemetry: Telemetry,
  clock: Pick<Clock, "sleep">,
): GroupDependencies["joinedSince"] {
  return async (groupId, principalIds, since) => {
    try {
      const { value } = await inTurn(() => readAudits({ since, targetId: groupId }), clock);
      const moves = parseAuditRows(value).records.filter((record) => isMove(record, groupId));
      return new Set(principalIds.filter((id) => beganByJoining(moves, id, since + dateResolution)));
    } catch (error) {
      if (!isGraphError(error)) throw error;
      telemetry.event("joinsUnread", { principalId: groupId, code: error.code, status: error.status ?? null });
      return new Set();
    }
  };
}

/** Once more when it is our turn: the pace refuses whoever asks while others read, as when several looks find the same end. */
async function inTurn<T>(read: () => Promise<T>, clock: Pick<Clock, "sleep">): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const wait = error instanceof GraphRetryableError && error.code === "reportPace" ? error.retryAfter : undefined;
    if (wait === undefined || wait > longestTurn) throw error;
    await clock.sleep(Math.max(0, wait - nearTurn));
    return read();
  }
}

const isMove = (record: AuditRecord, groupId: string): boolean =>
  (joins.has(record.activity) || leaves.has(record.activity)) &&
  record.result === "success" &&
  record.service === "Core Directory" &&
  record.category === "GroupManagement" &&
  principalsAmong(record).some(({ id, type }) => type === "group" && id === groupId);

/** Whoever left first, and came back, had been there. Rows may come out of order. */
function beganByJoining(moves: readonly AuditRecord[], principalId: string, after: number): boolean {
  const [first] = moves
    .filter((record) => principalsAmong(record).some(({ id }) => id === principalId))
    .toSorted((a, b) => instantMs(a.occurredAt) - instantMs(b.occurredAt));
  return first !== undefined && joins.has(first.activity) && instantMs(first.occurredAt) >= after;
}
